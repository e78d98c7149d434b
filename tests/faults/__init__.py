"""Rooms on one standing fleet whose processes, servers, sockets and vendors fail: nothing lost, nothing said twice."""
