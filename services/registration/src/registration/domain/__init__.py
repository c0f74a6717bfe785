"""The words and rules of registration: accounts, drafts, submission, the timeline."""
