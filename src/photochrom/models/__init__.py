"""The networks at use: what there is (`registry`), where weights come from, and how they run (`engine`)."""
