"""The flow as a library: plan, apply, several at a time, resume, work a queue.

What a command, a notebook or a function is a face of. It takes requests, tells what happens as
events, asks for consent through a port, and comes to outcomes. It writes to no screen and knows no
exit code.
"""
