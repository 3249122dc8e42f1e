"""Lecture rooms: what the presenter looks at, told to everybody who follows; docs/rooms.md says how."""
