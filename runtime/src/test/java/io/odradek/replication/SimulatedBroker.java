package io.odradek.replication;

import io.odradek.api.fetch.FetchContext;
import io.odradek.api.fetch.FetchLimits;
import io.odradek.api.fetch.FetchSessions;
import io.odradek.api.fetch.FetchTarget;
import io.odradek.api.fetch.FetchedPartition;
import io.odradek.api.fetch.HeldFetch;
import io.odradek.api.fetch.WatchedPartition;
import io.odradek.config.LogConfig;
import io.odradek.config.ReplicationRates;
import io.odradek.log.LogId;
import io.odradek.log.MemoryLog;
import io.odradek.metadata.BrokerImage;
import io.odradek.metadata.Command;
import io.odradek.metadata.Features;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.PartitionImage;
import io.odradek.metadata.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;

/**
 * One life of a broker: from its start to its crash, with the logs of the lives before. Around the state machines it does
 * what {@link PartitionRegistry}, {@link PartitionLeader} and the handler of Fetch do in a real one.
 */
final class SimulatedBroker {
    private static final int MAX_RECORDS_PER_FETCH = 4;

    private final int id;
    private final Uuid incarnation;
    private final Simulation simulation;
    private final Map<LogId, MemoryLog> logs;
    private final Map<LogId, LeaderReplica> leaders = new TreeMap<>(SimulatedBroker::compare);
    /** Who waits for the leaders. */
    private final Map<LogId, Watched> watched = new HashMap<>();

    private final Map<LogId, FollowedPartition> followed = new TreeMap<>(SimulatedBroker::compare);
    private final List<WaitingAppend> appends = new ArrayList<>();
    private final List<WaitingFetch> fetches = new ArrayList<>();
    private final Map<Long, CompletableFuture<Object>> proposals = new HashMap<>();
    private final FetchSessions sessions;
    private final ReplicaFetchers fetchers;
    private final LeaderContext context;
    private final ReplicationTraffic traffic;
    private MetadataImage image;
    /** Until then it hears nothing of the metadata, though it is taken for alive. */
    private long deafUntilMs;

    private long nextProposal;
    private boolean registered;
    private boolean alive = true;

    private record Watched(LeaderReplica leader, Waiters waiters) implements Progressing {
        @Override
        public Subscription subscribe(PartitionWaiter waiter) {
            return waiters.add(waiter);
        }

        @Override
        public void wasCaughtUp(int follower, long fetchOffset, long askedMs) {
            leader.wasCaughtUp(follower, fetchOffset, askedMs);
        }

        void wake() {
            waiters.wake(leader.id());
        }
    }

    private record WaitingAppend(LeaderReplica leader, short acks, long offset, Runnable acknowledged) {}

    private final class WaitingFetch implements HeldFetch {
        final FetchContext context;
        final FetchRequest request;
        final long untilMs;
        final Consumer<FetchResponse> answer;

        WaitingFetch(FetchContext context, FetchRequest request, long untilMs, Consumer<FetchResponse> answer) {
            this.context = context;
            this.request = request;
            this.untilMs = untilMs;
            this.answer = answer;
        }

        @Override
        public void onProgress(WatchedPartition partition, Progressing where) {
            // Looked at in a while, as is whoever else waits.
        }

        @Override
        public void overtaken() {
            if (fetches.remove(this)) {
                answer(this, List.of());
            }
        }

        @Override
        public void finish() {
            if (fetches.remove(this)) {
                answer(this, read(context, request, false));
            }
        }
    }

    private static int compare(LogId a, LogId b) {
        int byTopic = a.topic().compareTo(b.topic());
        return byTopic != 0 ? byTopic : Integer.compare(a.partition(), b.partition());
    }

    /**
     * @param logs what the lives before have left
     * @param image the metadata that it had applied
     */
    SimulatedBroker(int id, Simulation simulation, Map<LogId, MemoryLog> logs, MetadataImage image) {
        this.id = id;
        this.simulation = simulation;
        this.logs = logs;
        this.image = image;
        this.incarnation = new Uuid(simulation.random.nextLong(), simulation.random.nextLong());
        this.sessions = new FetchSessions(10, simulation.time, simulation.random);
        this.traffic = new ReplicationTraffic(Simulation.QUOTA_WINDOW, simulation.time);
        throttle(simulation.rates());
        this.context = new LeaderContext(
                id,
                simulation.time,
                Simulation.MAX_LAG_MS,
                broker -> image().broker(broker),
                this::propose,
                traffic.leader());
        this.fetchers = new ReplicaFetchers(
                new FetcherConfig(id, Simulation.MAX_WAIT_MS, 1, 1000, 1000, 200),
                traffic,
                1,
                this::connect,
                () -> image().broker(id).map(BrokerImage::epoch).orElse(-1L),
                simulation.time,
                simulation.time);
    }

    int id() {
        return id;
    }

    Uuid incarnation() {
        return incarnation;
    }

    MetadataImage image() {
        return image;
    }

    Map<LogId, MemoryLog> logs() {
        return logs;
    }

    Map<LogId, LeaderReplica> leaders() {
        return leaders;
    }

    Map<LogId, FollowedPartition> followed() {
        return followed;
    }

    boolean isAlive() {
        return alive;
    }

    void crash() {
        alive = false;
        fetchers.close();
    }

    void throttle(ReplicationRates rates) {
        traffic.limit(rates);
    }

    // --- metadata ---

    void deafen(long ms) {
        deafUntilMs = simulation.time.milliseconds() + ms;
    }

    /** Applies what is committed and has got here. */
    void catchUp() {
        if (simulation.time.milliseconds() < deafUntilMs) {
            return;
        }
        var steps = simulation.controller.steps();
        while (alive && image.appliedIndex() < steps.size()) {
            var step = steps.get((int) image.appliedIndex());
            image = step.change().after();
            onChange(step.change());
            if (step.proposer() == this) {
                Optional.ofNullable(proposals.remove(step.proposal())).ifPresent(answer -> {
                    try {
                        answer.complete(step.result().orThrow());
                    } catch (ApiException e) {
                        answer.completeExceptionally(e);
                    }
                });
            }
        }
        if (needsRegistration() && proposals.isEmpty()) {
            send(new Command.RegisterBroker(id, incarnation, List.of(), Optional.empty(), Features.supported()), 0);
        }
        progress();
    }

    private boolean needsRegistration() {
        var known = image.broker(id);
        return known.isEmpty()
                || !known.get().incarnation().equals(incarnation)
                || known.get().fenced();
    }

    private CompletableFuture<PartitionImage> propose(IsrProposal proposal) {
        long epoch = image.broker(id).map(BrokerImage::epoch).orElse(-1L);
        return send(simulation.command(id, epoch, proposal), simulation.disturb(this, proposal))
                .thenApply(PartitionImage.class::cast);
    }

    private CompletableFuture<Object> send(Command<?> command, long delayMs) {
        long number = nextProposal++;
        var answer = new CompletableFuture<Object>();
        proposals.put(number, answer);
        simulation.time.schedule(
                delayMs,
                () -> simulation.network.send(
                        id, SimulatedNetwork.CONTROLLER, () -> simulation.controller.receive(command, this, number)));
        simulation.time.schedule(300, () -> {
            if (alive && proposals.remove(number) != null) {
                answer.completeExceptionally(new TimeoutException("nobody knows"));
            }
        });
        return answer;
    }

    private void onChange(MetadataChange change) {
        if (!registered) {
            registered = image.broker(id)
                    .filter(b -> b.incarnation().equals(incarnation))
                    .isPresent();
            if (registered) {
                host(image.topics().all());
            }
            return;
        }
        var changed = new ArrayList<TopicImage>();
        change.topics().forEach(topic -> image.topics().byId(topic).ifPresent(changed::add));
        host(changed);
    }

    private void host(Iterable<TopicImage> topics) {
        var left = new ArrayList<FollowedPartition>();
        var newlyFollowed = new ArrayList<FollowedPartition>();
        for (var topic : topics) {
            for (var partition : topic.partitions()) {
                var log = new LogId(topic.name(), partition.partition(), topic.id());
                if (partition.replicas().contains(id)) {
                    host(log, partition, simulation.config(topic), left, newlyFollowed);
                } else {
                    resign(log, left);
                    logs.remove(log);
                }
            }
        }
        fetchers.change(left, newlyFollowed);
    }

    private void host(
            LogId log,
            PartitionImage partition,
            LogConfig config,
            List<FollowedPartition> left,
            List<FollowedPartition> newlyFollowed) {
        boolean leads = partition.leader() == id;
        var leader = leaders.get(log);
        if (leads && leader != null && leader.leaderEpoch() == partition.leaderEpoch()) {
            if (leader.update(partition)) {
                watched.get(log).wake();
            }
            return;
        }
        var follower = followed.get(log);
        if (!leads
                && follower != null
                && follower.leaderEpoch() == partition.leaderEpoch()
                && follower.leader() == partition.leader()) {
            return;
        }
        resign(log, left);
        var files = logs.computeIfAbsent(log, l -> new MemoryLog(l, config));
        if (leads) {
            var next = simulation.bug.leader(files, partition, context, this::onDurable);
            leaders.put(log, next);
            watched.put(log, new Watched(next, new Waiters()));
        } else {
            var next = simulation.bug.follower(files, partition.leader(), partition.leaderEpoch());
            followed.put(log, next);
            newlyFollowed.add(next);
        }
    }

    private void resign(LogId log, List<FollowedPartition> left) {
        var leader = leaders.remove(log);
        if (leader != null) {
            leader.resign(Errors.NOT_LEADER_OR_FOLLOWER);
            watched.remove(log).wake();
        }
        var follower = followed.remove(log);
        if (follower != null) {
            follower.resign();
            left.add(follower);
        }
    }

    private void onDurable(LeaderReplica leader, long offset) {
        if (leader.durable(offset)) {
            watched.get(leader.id()).wake();
            simulation.time.schedule(0, this::progress);
        }
    }

    // --- as leader ---

    /** A producer's record. It hears of it only if it is acknowledged. */
    void append(LogId log, long record, short acks, Consumer<MemoryLog.Entry> appended, Runnable acknowledged) {
        var leader = leaders.get(log);
        if (leader == null) {
            return;
        }
        try {
            leader.requireWritable(acks);
        } catch (ApiException e) {
            return;
        }
        var files = logs.get(log);
        long offset = files.append(record, leader.leaderEpoch());
        appended.accept(files.entries().get(files.entries().size() - 1));
        appends.add(new WaitingAppend(leader, acks, offset, acknowledged));
        watched.get(log).wake();
        progress();
    }

    void deleteRecords(LogId log, long distance) {
        var leader = leaders.get(log);
        if (leader != null && leader.resignedBecause() == Errors.NONE) {
            leader.ensureActive();
            logs.get(log).deleteRecordsBefore(Math.max(0, leader.highWatermark() - distance));
            watched.get(log).wake();
        }
    }

    void checkIsrs() {
        for (var leader : leaders.values()) {
            propose(leader, leader.shrinkage());
        }
    }

    private void propose(LeaderReplica leader, Optional<IsrProposal> proposed) {
        proposed.ifPresent(proposal -> propose(proposal).whenComplete((partition, failure) -> {
            if (alive) {
                leader.settled(
                        proposal,
                        failure == null
                                ? Errors.NONE
                                : simulation.bug.taken(Errors.forException(Errors.maybeUnwrapException(failure))));
                var current = watched.get(leader.id());
                if (failure != null && current != null) {
                    current.wake();
                }
            }
        }));
    }

    /** Answers who has waited long enough. */
    void progress() {
        if (!alive) {
            return;
        }
        for (var append : List.copyOf(appends)) {
            if (append.leader.resignedBecause() != Errors.NONE) {
                appends.remove(append);
                continue;
            }
            switch (append.leader.acknowledgement(append.acks, append.offset)) {
                case GIVEN -> {
                    appends.remove(append);
                    append.acknowledged.run();
                }
                case NOT_ENOUGH_REPLICAS -> appends.remove(append);
                case PENDING -> {}
            }
        }
        for (var fetch : List.copyOf(fetches)) {
            var fetched = read(fetch.context, fetch.request, false);
            if (simulation.time.milliseconds() >= fetch.untilMs || isUrgent(fetched)) {
                fetches.remove(fetch);
                answer(fetch, fetched);
            }
        }
    }

    private void answer(WaitingFetch fetch, List<FetchedPartition> fetched) {
        long bytes = 0;
        long throttledBytes = 0;
        for (var each : fetched) {
            long size = FetchResponse.recordsSize(each.answer());
            bytes += size;
            if (size > 0
                    && leader(each.target()).filter(LeaderReplica::isThrottled).isPresent()) {
                throttledBytes += size;
            }
        }
        traffic.sent(bytes, throttledBytes);
        fetch.context.partitions().release(fetch);
        fetch.answer.accept(FetchResponse.of(fetch.context.respond(fetched)));
    }

    private Optional<LeaderReplica> leader(FetchTarget target) {
        return leaders.values().stream()
                .filter(l -> l.id().topicId().equals(target.topicId()) && l.id().partition() == target.partition())
                .findFirst();
    }

    private void serve(FetchRequest request, Consumer<FetchResponse> answer) {
        if (!alive) {
            return;
        }
        var fetch = sessions.context(
                request,
                topic -> image.topics().byId(topic).map(TopicImage::name).orElse(null));
        var partitions = fetch.partitions();
        long epoch = request.data().replicaState().replicaEpoch();
        partitions.fetchedAs(new FetchLimits(
                request.replicaId(), epoch, Optional.empty(), FetchIsolation.LOG_END, 1, 1, request.maxWait()));
        if (context.brokers().isStale(request.replicaId(), epoch)) {
            partitions.stir();
        }
        var fetched = read(fetch, request, true);
        var waiting = new WaitingFetch(fetch, request, simulation.time.milliseconds() + request.maxWait(), answer);
        if (isUrgent(fetched) || fetched.isEmpty() && !partitions.areSomeQuiet()) {
            answer(waiting, fetched);
        } else {
            fetches.add(waiting);
            simulation.time.schedule(request.maxWait(), this::progress);
            fetch.hold(waiting);
        }
        progress();
    }

    private static boolean isUrgent(List<FetchedPartition> fetched) {
        return fetched.stream().map(FetchedPartition::answer).anyMatch(SimulatedBroker::isUrgent);
    }

    private static boolean isUrgent(PartitionData a) {
        return a.errorCode() != Errors.NONE.code()
                || FetchResponse.recordsSize(a) > 0
                || FetchResponse.isDivergingEpoch(a);
    }

    private List<FetchedPartition> read(FetchContext fetch, FetchRequest request, boolean first) {
        var fetched = new ArrayList<FetchedPartition>();
        for (var each : fetch.partitions().restless()) {
            var target = each.target();
            var log = watched.keySet().stream()
                    .filter(l -> l.topicId().equals(target.topicId()) && l.partition() == target.partition())
                    .findFirst();
            long seen = log.map(l -> each.partition().look(watched.get(l))).orElse(-1L);
            var answer = read(target, request, first);
            boolean atRest = log.isPresent()
                    && target.fetchOffset() >= logs.get(log.get()).logEndOffset()
                    && !isUrgent(answer)
                    && leaders.get(log.get()).isSettled(request.replicaId());
            fetched.add(new FetchedPartition(each.partition(), target, seen, answer, atRest));
        }
        return fetched;
    }

    private PartitionData read(FetchTarget target, FetchRequest request, boolean first) {
        int partition = target.partition();
        var found = leader(target);
        if (found.isEmpty()) {
            return FetchResponse.partitionResponse(partition, Errors.NOT_LEADER_OR_FOLLOWER);
        }
        var leader = found.get();
        var files = logs.get(leader.id());
        if (target.currentLeaderEpoch() != leader.leaderEpoch()) {
            return FetchResponse.partitionResponse(
                    partition,
                    target.currentLeaderEpoch() < leader.leaderEpoch()
                            ? Errors.FENCED_LEADER_EPOCH
                            : Errors.UNKNOWN_LEADER_EPOCH);
        }
        try {
            return read(leader, files, target, request, first);
        } catch (OffsetOutOfRangeException e) {
            return FetchResponse.partitionResponse(partition, Errors.OFFSET_OUT_OF_RANGE)
                    .setLogStartOffset(files.logStartOffset());
        } catch (ApiException e) {
            return FetchResponse.partitionResponse(partition, Errors.forException(e));
        }
    }

    private PartitionData read(
            LeaderReplica leader, MemoryLog files, FetchTarget target, FetchRequest request, boolean first) {
        int follower = request.replicaId();
        if (!leader.state().replicas().contains(follower)) {
            return FetchResponse.partitionResponse(target.partition(), Errors.UNKNOWN_LEADER_EPOCH);
        }
        long epoch = request.data().replicaState().replicaEpoch();
        leader.checkFollower(follower, epoch);
        leader.ensureActive();
        var answer = new PartitionData()
                .setPartitionIndex(target.partition())
                .setLogStartOffset(files.logStartOffset())
                .setHighWatermark(leader.highWatermark());
        if (target.lastFetchedEpoch() >= 0) {
            var diverging = LogReads.divergingEpoch(
                    files, target.lastFetchedEpoch(), target.fetchOffset(), files.logStartOffset());
            if (diverging.isPresent()) {
                return answer.setDivergingEpoch(new FetchResponseData.EpochEndOffset()
                        .setEpoch(diverging.get().leaderEpoch())
                        .setEndOffset(diverging.get().endOffset()));
            }
        }
        LogReads.checkInRange(files, target.fetchOffset(), files.logStartOffset());
        answer.setRecords(
                leader.holdsBack(follower)
                        ? MemoryRecords.EMPTY
                        : files.read(target.fetchOffset(), MAX_RECORDS_PER_FETCH));
        if (first) {
            if (leader.fetched(follower, epoch, target.fetchOffset(), target.logStartOffset(), files.logEndOffset())) {
                watched.get(leader.id()).wake();
                simulation.time.schedule(0, this::progress);
            }
            propose(leader, leader.expansion());
            answer.setHighWatermark(leader.highWatermark());
        }
        return answer;
    }

    // --- as follower ---

    private LeaderConnection connect(int leader, int fetcher) {
        return new LeaderConnection() {
            /** Number of the request that is under way; 0 if none is. */
            private long waiting;

            private long requests;

            @Override
            public void fetch(FetchRequest.Builder builder, BiConsumer<FetchResponse, Throwable> handler) {
                long number = ++requests;
                waiting = number;
                var request = builder.build();
                Consumer<FetchResponse> answer =
                        response -> simulation.network.send(leader, id, () -> settle(number, handler, response, null));
                simulation.network.send(
                        id, leader, () -> simulation.broker(leader).ifPresent(b -> b.serve(request, answer)));
                simulation.time.schedule(
                        Simulation.MAX_WAIT_MS + 100,
                        () -> settle(number, handler, null, new TimeoutException("no answer")));
            }

            private void settle(
                    long number,
                    BiConsumer<FetchResponse, Throwable> handler,
                    FetchResponse response,
                    Throwable failure) {
                if (waiting == number && alive) {
                    waiting = 0;
                    handler.accept(response, failure);
                    progress();
                }
            }

            @Override
            public void close() {
                waiting = 0;
            }
        };
    }
}
