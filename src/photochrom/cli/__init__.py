"""The command line: one command a file, each loaded only when it is called."""
