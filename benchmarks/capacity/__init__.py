"""How many machines, and how much money, so and so many people need: a simulation over measured costs.

``python -m benchmarks.capacity`` prints it; docs/scaling.md tells what follows. ``figures`` holds what goes
in (measured, assumed, prices), ``arrivals`` the moments of questions with their storm, ``queueing`` the
waiting, ``sizing`` the fewest processes that keep it short, ``plan`` what all of that comes to.
"""
