"""A stateful look-alike of Azure Resource Manager on loopback.

It stands alone: it imports nothing of the rest of the package. So its clients are judged by Azure's
behaviour, not by what the tool expects. ``python -m remediator.simulator`` starts it,
`remediator.simulator.process.SimulatorProcess` starts it for a test, and
`remediator.simulator.server.Simulator` runs it inside an event loop.
"""
