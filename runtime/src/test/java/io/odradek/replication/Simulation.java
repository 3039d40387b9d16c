package io.odradek.replication;

import io.odradek.config.Durability;
import io.odradek.config.LogConfig;
import io.odradek.config.QuotaSettings;
import io.odradek.config.ReplicationRates;
import io.odradek.log.LogId;
import io.odradek.log.MemoryLog;
import io.odradek.metadata.BrokerState;
import io.odradek.metadata.Command;
import io.odradek.metadata.Features;
import io.odradek.metadata.PartitionImage;
import io.odradek.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Uuid;

/**
 * A cluster of brokers on one thread: the machine of the metadata and the state machines of replication, with a clock, a
 * network and disks that a seed decides about. For some seconds of its time everything goes wrong that may; then all is
 * repaired, and the replicas have to become equal. The same seed gives the same run.
 *
 * <p>What may be lost: with {@code odradek.durability=fsync} any crash of any number of brokers takes away what was not
 * forced to the device. With the page cache a crash of a process takes nothing; one of a machine takes the tail, and that
 * happens only where another one that may be elected is there and has it all: more is not promised.
 */
final class Simulation {
    static final long MAX_LAG_MS = 150;
    static final int MAX_WAIT_MS = 60;

    static final QuotaSettings.Window QUOTA_WINDOW = new QuotaSettings.Window(1, 1);

    private static final Uuid TOPIC = new Uuid(1, 1);
    private static final int PARTITIONS = 3;
    private static final long FAULTS_MS = 800;
    /** For how long there is something to replicate after the repair. */
    private static final long LAST_RECORDS_MS = 100;

    private static final long REPAIR_MS = 3_000;
    private static final long LOOK_MS = 20;
    private static final LogId[] NO_LOGS = {};
    private static final ReplicationRates UNLIMITED =
            new ReplicationRates(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
    /** At which the replicas can become equal in the time there is. */
    private static final ReplicationRates AMPLE = new ReplicationRates(50_000, 50_000, Long.MAX_VALUE);

    final Random random;
    final SimulatedTime time = new SimulatedTime();
    final SimulatedNetwork network;
    final SimulatedController controller = new SimulatedController(time);
    final PlantedBug bug;

    private final ReplicationChecker checker = new ReplicationChecker();
    private final List<SimulatedBroker> brokers = new ArrayList<>();
    private final Map<Integer, Set<LogId>> spoilt = new HashMap<>();
    private final Map<String, String> topicConfigs = new HashMap<>();
    private final LogConfig logConfig;
    private final boolean fsync;
    private final boolean throttled;
    private ReplicationRates rates = UNLIMITED;
    private boolean faults = true;
    private long nextRecord = 1;
    private int steps;

    Simulation(long seed, PlantedBug bug) {
        // What Random draws first is nearly the same for seeds that are near each other.
        this.random = new Random(new SplittableRandom(seed).nextLong());
        this.bug = bug;
        this.network = new SimulatedNetwork(time, random);
        this.fsync = random.nextBoolean();
        topicConfigs.put("min.insync.replicas", random.nextInt(3) == 0 ? "1" : "2");
        topicConfigs.put("odradek.durability", fsync ? "fsync" : "page-cache");
        if (bug == PlantedBug.ELECT_OUTSIDE_ISR) {
            topicConfigs.put("unclean.leader.election.enable", "true");
        }
        this.throttled = random.nextInt(3) == 0;
        if (throttled) {
            topicConfigs.put("leader.replication.throttled.replicas", random.nextBoolean() ? "*" : "0:1,1:2,2:3");
            topicConfigs.put("follower.replication.throttled.replicas", random.nextBoolean() ? "*" : "0:3,1:3,2:1");
            rates = scarce();
        }
        this.logConfig = LogConfig.of(topicConfigs);
        assert (logConfig.durability() == Durability.FSYNC) == fsync;
    }

    /**
     * Runs it to the end.
     *
     * @return how many records were committed
     * @throws ReplicationChecker.Violation if something does not hold that must
     */
    int run() {
        start();
        while (time.milliseconds() < FAULTS_MS) {
            step();
        }
        repair();
        while (time.milliseconds() < FAULTS_MS + LAST_RECORDS_MS
                || time.milliseconds() < FAULTS_MS + REPAIR_MS && !isWhole()) {
            step();
        }
        if (!isWhole()) {
            throw new ReplicationChecker.Violation("The replicas do not become equal again: " + this);
        }
        return checker.committed();
    }

    int steps() {
        return steps;
    }

    private void step() {
        time.step();
        steps++;
        forgetSpoilt();
        checker.check(controller.image(), brokers, this::isSpoilt);
    }

    private void start() {
        int count = 3 + random.nextInt(2);
        controller
                .apply(new Command.InitializeCluster("simulated", Features.latest()))
                .orThrow();
        for (int id = 1; id <= count; id++) {
            brokers.add(new SimulatedBroker(id, this, new HashMap<>(), controller.image()));
            controller
                    .apply(new Command.RegisterBroker(
                            id, brokers.get(id - 1).incarnation(), List.of(), Optional.empty(), Features.supported()))
                    .orThrow();
        }
        int replicas = random.nextInt(4) == 0 ? 2 : 3;
        var assignments = new TreeMap<Integer, List<Integer>>();
        assignments.put(0, List.of(1, 2, 3).subList(0, replicas));
        assignments.put(1, List.of(count, count == 3 ? 1 : 3, 2).subList(0, replicas));
        assignments.put(2, List.of(3, 2, 1).subList(0, replicas));
        controller
                .apply(new Command.CreateTopic(TOPIC, "t", -1, (short) -1, assignments, topicConfigs))
                .orThrow();
        every(LOOK_MS, this::look);
        every(
                5,
                () -> brokers.forEach(b -> {
                    if (network.connects(b.id(), SimulatedNetwork.CONTROLLER) && random.nextInt(3) > 0) {
                        b.catchUp();
                    }
                }));
        every(7, this::produce);
        every(40, this::disturb);
        every(15, this::sync);
        every(
                (int) (MAX_LAG_MS / 2),
                () -> brokers.forEach(b -> {
                    if (b.isAlive()) {
                        b.checkIsrs();
                    }
                }));
    }

    private void every(long ms, Runnable work) {
        time.schedule(1 + random.nextInt((int) ms), () -> {
            work.run();
            every(ms, work);
        });
    }

    // --- what brokers ask for ---

    Optional<SimulatedBroker> broker(int id) {
        return Optional.of(brokers.get(id - 1)).filter(SimulatedBroker::isAlive);
    }

    ReplicationRates rates() {
        return rates;
    }

    LogConfig config(TopicImage topic) {
        return logConfig;
    }

    Command<?> command(int broker, long brokerEpoch, IsrProposal proposal) {
        return new Command.AlterPartition(
                broker,
                brokerEpoch,
                proposal.topicId(),
                proposal.partition(),
                proposal.leaderEpoch(),
                proposal.partitionEpoch(),
                proposal.members().stream()
                        .map(m -> new BrokerState(m.brokerId(), bug.claimed(m.brokerEpoch())))
                        .toList());
    }

    // --- clients ---

    private void produce() {
        var broker = brokers.get(random.nextInt(brokers.size()));
        if (!broker.isAlive() || broker.leaders().isEmpty() || time.milliseconds() > FAULTS_MS + LAST_RECORDS_MS) {
            return;
        }
        var log = pick(broker.leaders().keySet().toArray(NO_LOGS));
        short acks = random.nextInt(4) == 0 ? (short) 1 : PartitionLeader.ACKS_ALL;
        var entry = new MemoryLog.Entry[1];
        broker.append(
                log,
                nextRecord++,
                acks,
                appended -> {
                    entry[0] = appended;
                    checker.appended(log, appended);
                },
                () -> {
                    if (acks == PartitionLeader.ACKS_ALL) {
                        checker.acknowledged(log, entry[0]);
                    }
                });
        if (random.nextInt(60) == 0 && bug != PlantedBug.TRUNCATE_TO_HIGH_WATERMARK) {
            broker.deleteRecords(log, random.nextInt(4));
            checker.deleted(log, broker.logs().get(log).logStartOffset());
        }
    }

    private <T> T pick(T[] all) {
        return all[random.nextInt(all.length)];
    }

    // --- what goes wrong ---

    private void disturb() {
        if (!faults) {
            return;
        }
        int broker = 1 + random.nextInt(brokers.size());
        int other = 1 + random.nextInt(brokers.size());
        switch (random.nextInt(15)) {
            case 0 -> network.cut(broker, other);
            case 1 -> {
                network.cut(broker, other);
                network.cut(other, broker);
            }
            case 2 -> network.cut(broker, SimulatedNetwork.CONTROLLER);
            case 3 -> {
                for (int id = SimulatedNetwork.CONTROLLER; id <= brokers.size(); id++) {
                    network.cut(broker, id);
                    network.cut(id, broker);
                }
            }
            case 4, 5 -> network.heal();
            case 6, 7 -> crash(broker);
            case 8, 9 ->
                brokers.stream()
                        .filter(b -> !b.isAlive())
                        .map(SimulatedBroker::id)
                        .toList()
                        .forEach(this::restart);
            case 10 -> network.worsen(1 + random.nextInt(60), random.nextInt(3) / 10.0);
            case 11 -> brokers.get(broker - 1).deafen(random.nextInt(400));
            case 12 -> throttle(random.nextBoolean() ? scarce() : UNLIMITED);
            case 13 -> elect(random.nextInt(PARTITIONS));
            default -> flap();
        }
    }

    private ReplicationRates scarce() {
        return new ReplicationRates(100 + random.nextInt(5_000), 100 + random.nextInt(5_000), Long.MAX_VALUE);
    }

    private void throttle(ReplicationRates next) {
        if (throttled) {
            rates = next;
            brokers.forEach(b -> b.throttle(next));
        }
    }

    private void elect(int partition) {
        controller.apply(new Command.ElectLeader(TOPIC, partition, ElectionType.PREFERRED));
    }

    /**
     * Leadership of a partition goes from one replica to the next, sooner than they hear of it: so logs branch off more than
     * once.
     */
    private void flap() {
        int partition = random.nextInt(PARTITIONS);
        long atMs = 0;
        for (int moves = 2 + random.nextInt(4); moves > 0; moves--) {
            time.schedule(atMs, () -> {
                if (faults) {
                    var replicas = new ArrayList<>(partition(partition).replicas());
                    Collections.rotate(replicas, 1 + random.nextInt(replicas.size() - 1));
                    controller.apply(
                            new Command.AlterPartitionReassignment("t", partition, Optional.of(replicas), false));
                    elect(partition);
                }
            });
            atMs += 1 + random.nextInt(40);
        }
        brokers.get(random.nextInt(brokers.size())).deafen(random.nextInt(100));
    }

    private PartitionImage partition(int partition) {
        return controller
                .image()
                .topics()
                .byId(TOPIC)
                .orElseThrow()
                .partition(partition)
                .orElseThrow();
    }

    /**
     * What happens just when a leader proposes to take somebody into the ISR: it does not hear what became of that, and the
     * newcomer falls behind; or the proposal takes long, and the newcomer is another one when it arrives.
     *
     * @return how long the proposal stays with its sender
     */
    long disturb(SimulatedBroker leader, IsrProposal proposal) {
        if (!faults || random.nextInt(4) > 0) {
            return 0;
        }
        var isr = partition(proposal.partition()).isr();
        for (int member : proposal.ids()) {
            if (member != leader.id() && !isr.contains(member)) {
                network.cutFor(200 + random.nextInt(300), leader.id(), member);
                if (random.nextBoolean()) {
                    leader.deafen(250 + random.nextInt(200));
                    return 0;
                }
                time.schedule(random.nextInt(10), () -> crash(member));
                time.schedule(10 + random.nextInt(20), () -> restart(member));
                return random.nextInt(150);
            }
        }
        return 0;
    }

    private void crash(int id) {
        var broker = brokers.get(id - 1);
        if (!faults || !broker.isAlive() || !mayGo(id)) {
            return;
        }
        boolean losesTail = fsync || random.nextBoolean() && othersAreWhole(id);
        broker.crash();
        broker.logs().values().forEach(log -> {
            long end = log.logEndOffset();
            long kept = losesTail && log.hasUnsyncedTail()
                    ? log.syncedEndOffset() + random.nextInt((int) (end - log.syncedEndOffset()) + 1)
                    : end;
            if (kept < end && !fsync) {
                spoilt.computeIfAbsent(id, b -> new HashSet<>()).add(log.id());
            }
            log.restart(kept);
        });
        if (random.nextInt(3) == 0) {
            time.schedule(1 + random.nextInt(30), () -> restart(id));
        }
    }

    private void restart(int id) {
        var dead = brokers.get(id - 1);
        if (!dead.isAlive()) {
            brokers.set(id - 1, new SimulatedBroker(id, this, dead.logs(), dead.image()));
        }
    }

    /** Now and then logs are forced to the device, and high watermarks written down. */
    private void sync() {
        for (var broker : brokers) {
            if (broker.isAlive()) {
                for (var log : broker.logs().values()) {
                    if (random.nextInt(fsync ? 2 : 8) == 0) {
                        log.sync();
                    }
                    if (random.nextInt(10) == 0) {
                        log.checkpoint();
                    }
                }
            }
        }
    }

    /** The controller looks who is there. */
    private void look() {
        controller.look(
                id -> brokers.get(id - 1).isAlive() && network.connects(id, SimulatedNetwork.CONTROLLER), this::mayGo);
    }

    // --- what is promised with the page cache ---

    private boolean isSpoilt(LogId log, int broker) {
        return spoilt.getOrDefault(broker, Set.of()).contains(log);
    }

    /** Whether it may be elected, now or later, without having to catch up. */
    private boolean isElectable(LogId log, int broker) {
        return electable(log).contains(broker);
    }

    private Set<Integer> electable(LogId log) {
        var partition = controller
                .image()
                .topics()
                .byId(log.topicId())
                .orElseThrow()
                .partition(log.partition())
                .orElseThrow();
        var ids = new TreeSet<>(partition.isr());
        ids.addAll(partition.elr());
        ids.addAll(partition.lastKnownElr());
        return ids;
    }

    /** A fetch from before the crash may still take it into the ISR, until the metadata knows of the crash. */
    private void forgetSpoilt() {
        spoilt.forEach((broker, logs) -> {
            if (!logs.isEmpty() && isKnownToHaveCrashed(broker)) {
                logs.removeIf(log -> !isElectable(log, broker));
            }
        });
    }

    private boolean isKnownToHaveCrashed(int broker) {
        return controller.image().broker(broker).orElseThrow().fenced()
                || brokers.get(broker - 1).isAlive() && isKnown(broker);
    }

    /** Whether the metadata knows of the present life of a broker, or thinks of an earlier one. */
    private boolean isKnown(int broker) {
        return controller
                .image()
                .broker(broker)
                .orElseThrow()
                .incarnation()
                .equals(brokers.get(broker - 1).incarnation());
    }

    /** While a broker has lost a tail and the metadata does not know of it yet, the others have to stay. */
    private boolean mayGo(int broker) {
        return spoilt.entrySet().stream()
                .allMatch(s -> s.getKey() == broker || s.getValue().isEmpty());
    }

    /** Also of logs for which it may not be elected: a proposal on its way may change that. */
    private boolean othersAreWhole(int broker) {
        return brokers.get(broker - 1).logs().keySet().stream().allMatch(log -> othersHave(log, broker));
    }

    private boolean othersHave(LogId log, int broker) {
        return electable(log).stream()
                .anyMatch(id -> id != broker && brokers.get(id - 1).isAlive() && isKnown(id) && !isSpoilt(log, id));
    }

    // --- the end ---

    private void repair() {
        faults = false;
        network.repair();
        throttle(random.nextBoolean() ? AMPLE : UNLIMITED);
        for (int id = 1; id <= brokers.size(); id++) {
            restart(id);
            brokers.get(id - 1).deafen(0);
        }
    }

    /** Whether all replicas of all partitions are in sync and equal, and everything is committed. */
    private boolean isWhole() {
        for (var topic : controller.image().topics().all()) {
            for (var partition : topic.partitions()) {
                var log = new LogId(topic.name(), partition.partition(), topic.id());
                if (!Set.copyOf(partition.isr()).equals(Set.copyOf(partition.replicas()))) {
                    return false;
                }
                var first = brokers.get(partition.replicas().get(0) - 1).logs().get(log);
                for (int id : partition.replicas()) {
                    var files = brokers.get(id - 1).logs().get(log);
                    if (files.logEndOffset() != first.logEndOffset() || files.highWatermark() != first.logEndOffset()) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    @Override
    public String toString() {
        var text = new StringBuilder(topicConfigs.toString());
        for (var topic : controller.image().topics().all()) {
            text.append('\n').append(topic.partitions());
        }
        for (var broker : brokers) {
            text.append("\nbroker ").append(broker.id()).append(broker.isAlive() ? "" : ", dead");
            broker.logs().forEach((id, log) -> text.append("\n  ")
                    .append(id.partition())
                    .append(broker.leaders().containsKey(id) ? " led " : " ")
                    .append(log));
        }
        return text.toString();
    }
}
