"""The same queue as event-heap.c, as one writes it with SimPy 2 (Debian's python3-simpy).

    simpy-queue.py FILE SLOTS REPETITIONS

Same file, same output. Each job is a process that waits for its arrival, asks for a slot,
holds it for its duration and gives it back.
"""

import array
import json
import sys
import time

from SimPy.Simulation import Process, Resource, Simulation, hold, release, request


class Job(Process):
    def run(self, slots, duration, starts, index):
        yield request, self, slots
        starts[index] = self.sim.now()
        yield hold, self, duration
        yield release, self, slots


class Source(Process):
    def run(self, slots, arrivals, durations, starts):
        for index, arrival in enumerate(arrivals):
            yield hold, self, arrival - self.sim.now()
            job = Job(sim=self.sim)
            self.sim.activate(job, job.run(slots, durations[index], starts, index))


def simulate(arrivals, durations, slot_count, starts):
    simulation = Simulation()
    simulation.initialize()
    slots = Resource(capacity=slot_count, sim=simulation)
    source = Source(sim=simulation)
    simulation.activate(source, source.run(slots, arrivals, durations, starts))
    simulation.simulate(until=float("inf"))
    return simulation.now()


def main():
    path, slot_count, repetitions = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    numbers = array.array("d")
    with open(path, "rb") as file:
        numbers.frombytes(file.read())
    jobs = len(numbers) // 2
    arrivals, durations = numbers[:jobs], numbers[jobs:]
    starts = [0.0] * jobs
    began = time.perf_counter()
    for _ in range(repetitions):
        last_end = simulate(arrivals, durations, slot_count, starts)
    took = time.perf_counter() - began
    waited = sum(start - arrival for start, arrival in zip(starts, arrivals))
    result = {"seconds": took, "jobs": jobs * repetitions, "waitedMs": round(waited), "lastEndMs": round(last_end)}
    print(json.dumps(result))


main()
