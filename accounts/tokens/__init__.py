"""Who a program or a socket is: tokens from a sign-in, grants of third parties, tickets for sockets."""
