"""The one door to RIPE Atlas: what may be asked (`gateway`), over the Internet (`client`) or in memory (`memory`)."""
