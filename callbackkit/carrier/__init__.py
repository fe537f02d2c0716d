"""The mechanism of local carriers, for every dialect; a dialect's own package has its words and
policies.

From the bottom up, each file importing only files before it: `scheduler` (time and processes),
`journal`, `ledger`, `delivery`, `faults`, `outbox`, `sound`, `leg`, `platform` (the ground of a
carrier), `delivering`, `call`, then what happens on calls: `playing`, `gathering`, `recording`,
`joining`, and `script`, which runs documents. Around them are `driver`, `sending` and `http`, which
do the I/O, `transcript` and `plain`, which show what happened, `phone_api`, and the REST server
(`server`).
"""
