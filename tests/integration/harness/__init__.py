"""What the integration tests stand on: a PKI, the server as a process, clients, and the log as evidence."""
