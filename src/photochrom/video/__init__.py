"""Films: colours that hold still within a shot; luma, sound, subtitles and timestamps as they came.

Needs the extra `video` (PyAV). Nothing here is imported before a film is to be coloured, except `names`.
"""
