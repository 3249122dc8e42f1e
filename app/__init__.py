"""ConvScope's server: HTTP around the engine.

Routers call services, services call the engine and the stores.
"""
