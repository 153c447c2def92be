"""The flow as a library: plan, apply, several at a time, resume, work on a queue.

A command, a notebook or a function is only a face of it. The flow takes requests, tells events,
asks for consent through a port, and returns outcomes. It writes to no screen and knows no exit
code.
"""
