"""`ecom doctor`: what this machine has, what it can do, and what to fix.

    processor, memory, storage, gpus, packages, ray, network      each look() -> judge()
        ─► all checks run; one that fails does not end the command
        ─► follows: can the quickstart, training, compressing and serving run here, and how
        ─► report: a table, a short form, JSON

A module's `look` reads the machine and returns plain facts; its `judge` turns facts into findings.
The command must work where little else does, so each check imports what it needs itself.
"""
