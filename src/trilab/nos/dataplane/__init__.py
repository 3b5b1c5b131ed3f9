"""The device's data plane: the contract (:mod:`base`) and its implementation on Linux (:mod:`linux`)."""
