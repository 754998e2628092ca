"""Many photographs at once: found, coloured by several processes, recorded in a manifest, resumed where they were left.

order (what to do) -> listing (the photographs) -> plan (what of it is left to do)
    -> runner (local processes, or Ray) -> each: fetch, colour, store -> manifest (one line each) -> summary page
"""
