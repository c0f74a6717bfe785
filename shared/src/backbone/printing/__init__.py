"""PDFs: one press, with our typefaces and no others, which fetches nothing; a document in a process of its own."""
