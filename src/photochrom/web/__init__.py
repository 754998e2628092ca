"""The HTTP service: `photochrom serve`, and the back end of the studio's page.

app         puts the parts together: `create_app`
limits      how much of anything one request may ask for
guard       who may ask: Host, origin, token; and the headers of every answer
deadline    how long a request may take; a client that leaves is cancelled
intake      bodies: sizes, media types, strict JSON
admission   so many inferences at once, so many that wait, the others are told to come back
uploads     from an uploaded file to a `Work`, checked before it is decoded
works       the photographs at work, by unguessable names, for as long as they are used
schemas     what travels as JSON
problems    what went wrong, as RFC 9457 says it
routes      one module for each group of addresses
metrics     figures for Prometheus
server      uvicorn, set up to be patient with nobody
"""
