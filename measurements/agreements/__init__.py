"""Whether we may: who must agree to what, for how long, and the gate through which every measurement passes."""
