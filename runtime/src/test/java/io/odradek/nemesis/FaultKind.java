package io.odradek.nemesis;

import io.odradek.it.ClusterProcesses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.common.internals.Topic;

/** All that may happen. A kind makes a fault of itself, with random victims, if the machine can be hurt so. */
enum FaultKind {
    KILL_ANY {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            return kill(machines, random, List.of(any(machines, random)));
        }
    },
    KILL_CONTROLLER {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            return kill(machines, random, List.of(controller(machines, random)));
        }
    },
    KILL_COORDINATOR {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            return kill(machines, random, List.of(coordinator(machines, random)));
        }
    },
    KILL_ALL_BUT_ONE {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            return kill(machines, random, others(machines, any(machines, random)));
        }
    },
    KILL_ALL {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            return kill(machines, random, machines.cluster().ids());
        }
    },
    TERMINATE {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            return Optional.of(new Kill(machines.cluster(), List.of(any(machines, random)), true));
        }
    },
    ROLL {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            return Optional.of(new RollingRestart(
                    machines.cluster(),
                    List.of(Topic.GROUP_METADATA_TOPIC_NAME, Topic.TRANSACTION_STATE_TOPIC_NAME, Nemesis.PROBE)));
        }
    },
    FREEZE {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            return Optional.of(new Freeze(machines.cluster(), important(machines, random)));
        }
    },
    ISOLATE {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            int victim = important(machines, random);
            boolean fromClients = random.nextBoolean();
            return cut(
                    machines,
                    victim + " is cut off" + (fromClients ? ", from clients too" : ""),
                    Cut.between(List.of(victim), everybody(machines, victim, fromClients)));
        }
    },
    SPLIT {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            var majority = new ArrayList<>(machines.cluster().ids());
            var minority = new ArrayList<Integer>();
            while (minority.size() < (machines.cluster().ids().size() - 1) / 2) {
                minority.add(majority.remove(random.nextInt(majority.size())));
            }
            return cut(machines, minority + " and " + majority + " are cut apart", Cut.between(minority, majority));
        }
    },
    PARTIAL {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            int one = important(machines, random);
            var others = others(machines, one);
            int other = others.get(random.nextInt(others.size()));
            return cut(
                    machines,
                    one + " and " + other + " are cut apart, the others see both",
                    Cut.between(List.of(one), List.of(other)));
        }
    },
    DEAF {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            int victim = important(machines, random);
            return cut(
                    machines,
                    victim + " hears nothing of the others",
                    Cut.from(others(machines, victim), List.of(victim)));
        }
    },
    MUTE {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            int victim = important(machines, random);
            return cut(
                    machines,
                    "the others hear nothing of " + victim,
                    Cut.from(List.of(victim), others(machines, victim)));
        }
    },
    LOSS {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            var all = machines.cluster().ids();
            var probability = (5 + random.nextInt(20)) / 100d;
            return machines.network()
                    .map(network ->
                            new Cut(network, "packets are lost between all nodes", Cut.from(all, all), probability));
        }
    },
    SLOW {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            int victim = important(machines, random);
            int jitter = random.nextInt(50);
            var loss = random.nextInt(5) / 100d;
            return machines.longWay().map(way -> new SlowLine(way, victim, 100, jitter, loss));
        }
    },
    CLOCK {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            int victim = important(machines, random);
            // Not an hour, by which a record's time may be ahead of a broker's (log.message.timestamp.after.max.ms).
            var offset = Duration.ofSeconds((random.nextBoolean() ? 1 : -1) * (10L + random.nextInt(3_000)));
            return machines.clocks().map(clocks -> new ClockJump(clocks, machines.clock(victim), victim, offset));
        }
    },
    FULL_LOG_DISK {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            return full(machines, random, Machines.LOGS);
        }
    },
    FULL_METADATA_DISK {
        @Override
        Optional<Fault> on(Machines machines, Random random) {
            return full(machines, random, Machines.METADATA);
        }
    };

    /** @return empty if this machine cannot be hurt so */
    abstract Optional<Fault> on(Machines machines, Random random);

    private static Optional<Fault> kill(Machines machines, Random random, Collection<Integer> victims) {
        return Optional.of(new Kill(machines.cluster(), victims, false));
    }

    private static Optional<Fault> cut(Machines machines, String what, Collection<Cut.Way> ways) {
        return machines.network().map(network -> new Cut(network, what, ways, 1));
    }

    private static Optional<Fault> full(Machines machines, Random random, String which) {
        int victim = important(machines, random);
        long free = random.nextInt(64 << 10);
        boolean gently = random.nextBoolean();
        return machines.disks()
                .map(disks ->
                        new FullDisk(machines.cluster(), disks, victim, machines.disk(victim, which), free, gently));
    }

    private static int any(Machines machines, Random random) {
        var ids = List.copyOf(machines.cluster().ids());
        return ids.get(random.nextInt(ids.size()));
    }

    /** Mostly one on which much depends. */
    private static int important(Machines machines, Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> any(machines, random);
            case 1 -> controller(machines, random);
            default -> coordinator(machines, random);
        };
    }

    private static int controller(Machines machines, Random random) {
        return askFor(machines, random, ClusterProcesses::controller);
    }

    private static int coordinator(Machines machines, Random random) {
        var topic = random.nextBoolean() ? Topic.TRANSACTION_STATE_TOPIC_NAME : Topic.GROUP_METADATA_TOPIC_NAME;
        int partition = random.nextInt(3);
        return askFor(machines, random, cluster -> cluster.leader(topic, partition));
    }

    private interface Question {
        int ask(ClusterProcesses cluster) throws Exception;
    }

    private static int askFor(Machines machines, Random random, Question question) {
        // Drawn in any case, so that what is random later does not depend on the answer.
        int otherwise = any(machines, random);
        try {
            int answer = question.ask(machines.cluster());
            return answer > 0 ? answer : otherwise;
        } catch (Exception e) {
            return otherwise;
        }
    }

    private static List<Integer> others(Machines machines, int node) {
        return machines.cluster().ids().stream().filter(id -> id != node).toList();
    }

    private static List<Integer> everybody(Machines machines, int but, boolean clients) {
        var everybody = new ArrayList<>(others(machines, but));
        if (clients) {
            everybody.add(Network.CLIENTS);
        }
        return everybody;
    }
}
