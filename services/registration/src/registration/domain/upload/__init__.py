"""A sheet of events as an organiser keeps it: its columns, its headings, what people write into its cells. Pure."""
