"""One file per resource; a router reads the request, calls one service and writes the answer."""
