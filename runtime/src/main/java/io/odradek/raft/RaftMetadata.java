package io.odradek.raft;

import io.odradek.metadata.Command;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataListener;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.QuorumState;
import io.odradek.metadata.Result;
import io.odradek.metadata.Voters;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jgroups.Address;

/**
 * The cluster's metadata as a replicated state machine over jgroups-raft, in a group of one or of several nodes.
 *
 * <p>Thread-safe. Listeners run on the thread that applies commands; the dependents of {@link #propose}'s stages on that one,
 * on one that proposes, or on one of the stack. None may block.
 */
public final class RaftMetadata implements MetadataStore, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(RaftMetadata.class);
    private static final long START_TIMEOUT_MS = 30_000;
    private static final long WAITING_LOG_MS = 10_000;
    private static final long RETRY_MS = 200;
    private static final long CLOSE_TIMEOUT_MS = 5_000;
    /** How often a leader tells its digest, if anything was applied since. */
    private static final long DIGEST_INTERVAL_MS = 1_000;

    private final RaftConfig config;
    private final FailStop failStop;
    private final RaftLog log;
    private final MetadataApplier applier;
    private final Proposals proposals;
    private final MembersView members;
    private final CompletableFuture<Void> serving = new CompletableFuture<>();
    private final EventThread events;
    private final AtomicBoolean watching = new AtomicBoolean();
    private final Optional<DirectoryMarks> marks;
    private final AppliedDigests digests = new AppliedDigests();
    private final RaftStack stack;
    private final LeaderWatch watch;
    private final Forwarding forwarding;
    private final VoterChanges voterChanges;
    private final QuorumInquiry inquiry;
    /** On the events' thread. */
    private boolean tellsDigests;

    private RaftMetadata(RaftConfig config, LogStorage storage, Consumer<RaftException> onFailure) {
        this.config = config;
        failStop = new FailStop(failure -> failed(failure, onFailure));
        var owner = new LogIdentity(config.clusterId(), config.nodeId());
        log = new RaftLog(storage, owner, config.segmentBytes(), failStop);
        proposals = new Proposals(
                UUID.randomUUID(), config.proposalTimeout().toNanos(), System::nanoTime, new ProposalsSurroundings());
        applier = new MetadataApplier(failStop, index -> log.get(index).term(), config.features(), new Applied());
        members = new MembersView(Set.of(config.nodeId()));
        events = new EventThread("raft-" + config.nodeId() + "-events");
        marks = config.cluster()
                .map(cluster -> DirectoryMarks.open(storage, cluster.voters().keySet()));
        RaftStack.Events heard = new StackEvents();
        stack = marks.<RaftStack>map(known -> new ClusterStack(config, known, log, applier, failStop, heard))
                .orElseGet(() -> new SoloStack(config, log, applier, failStop, heard));
        watch = new LeaderWatch(stack.raft(), this::leaderChanged);
        forwarding = new Forwarding(stack, proposals);
        inquiry = new QuorumInquiry(stack, events, this::quorum);
        voterChanges = new VoterChanges(
                stack, events, members::members, config.proposalTimeout().toMillis());
    }

    /**
     * Opens the log, restores the image and joins the group; returns once this node serves: everything that was committed by
     * then is applied. In a group of several that takes until a majority of the voters is there, however long; a log line says
     * so, and an interrupt ends it.
     *
     * @param onFailure told once when this node takes no further part in the group after this returned: the first write or
     *     fsync of the log failed, or another live node has its id. Every waiting proposal has failed; called on the thread that
     *     failed, must not block nor close this
     * @throws RaftException in one clear line, when the directory is damaged, of another node, cluster or newer format, in
     *     use, or cannot be written; when the address is in use, or the other nodes refuse this one
     */
    public static RaftMetadata start(RaftConfig config, Consumer<RaftException> onFailure) {
        return start(config, onFailure, new CompletableFuture<>());
    }

    /**
     * As {@link #start(RaftConfig, Consumer)}.
     *
     * @param abandoned once it is completed, by any thread, waiting for the quorum ends; the recovery of the log does not
     * @throws StartAbandonedException when it did
     */
    public static RaftMetadata start(
            RaftConfig config, Consumer<RaftException> onFailure, CompletableFuture<?> abandoned) {
        return start(config, DirectoryStorage.open(config.directory()), onFailure, abandoned);
    }

    static RaftMetadata start(RaftConfig config, LogStorage storage, Consumer<RaftException> onFailure) {
        return start(config, storage, onFailure, new CompletableFuture<>());
    }

    private static RaftMetadata start(
            RaftConfig config, LogStorage storage, Consumer<RaftException> onFailure, CompletableFuture<?> abandoned) {
        JGroupsLog.install();
        RaftMetadata metadata;
        try {
            metadata = new RaftMetadata(config, storage, onFailure);
        } catch (RuntimeException | Error e) {
            closeQuietly(storage);
            throw e;
        }
        try {
            metadata.join(abandoned);
            return metadata;
        } catch (RuntimeException | Error e) {
            metadata.close();
            closeQuietly(storage);
            throw e;
        }
    }

    private void join(CompletableFuture<?> abandoned) {
        log.init("", null);
        try {
            stack.start();
            awaitServing(abandoned);
        } catch (ExecutionException e) {
            throw new RaftException(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new RaftException("No leader of the metadata quorum after " + START_TIMEOUT_MS + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RaftException("Interrupted while joining the metadata quorum", e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new RaftException("Raft could not be started: " + FailStop.reason(e), e);
        }
    }

    private void awaitServing(CompletableFuture<?> abandoned) throws Exception {
        if (config.cluster().isEmpty()) {
            serving.get(START_TIMEOUT_MS, TimeUnit.MILLISECONDS);
            return;
        }
        var either = CompletableFuture.anyOf(serving, abandoned);
        while (true) {
            try {
                either.get(WAITING_LOG_MS, TimeUnit.MILLISECONDS);
                if (!serving.isDone()) {
                    throw new StartAbandonedException();
                }
                serving.get();
                return;
            } catch (TimeoutException e) {
                LOG.infof(
                        "Waiting for the metadata quorum: nodes %s vote, in view are %s, %s%s",
                        stack.raft().members(),
                        members.members().nodes(),
                        leaderId() < 0 ? "none leads" : "node " + leaderId() + " leads",
                        whyItMayWait());
            }
        }
    }

    private String whyItMayWait() {
        if (!stack.raft().isBlank()) {
            return "";
        }
        return stack.raft().applied().nothingCommitted()
                ? ". This node's disk is empty: it votes when all who vote are there, to form a new cluster; or once"
                        + " a leader that the others have elected without it has brought it up to date"
                : ". This node's disk was empty, it votes once it is up to date";
    }

    private final class StackEvents implements RaftStack.Events {
        @Override
        public void raftChanged() {
            if (watching.compareAndSet(false, true)) {
                events.execute(() -> {
                    watching.set(false);
                    watch.check();
                    members.change(before -> seen(before, before.nodes())); // who votes may be another
                });
            }
        }

        @Override
        public void view(Set<Integer> nodes) {
            members.change(before -> seen(before, nodes));
        }

        @Override
        public void message(Address from, NodeMessage message) {
            if (message instanceof NodeMessage.Propose propose) {
                if (!forwarding.proposed(from, propose)) {
                    // The other node has heard of this one's election before the thread that tells of it here.
                    events.execute(() -> {
                        watch.check();
                        forwarding.proposed(from, propose);
                    });
                }
            } else if (message instanceof NodeMessage.Taken taken) {
                proposals.taken(taken.term(), taken.next());
            } else if (message instanceof NodeMessage.ChangeVoter change) {
                voterChanges.asked(from, change);
            } else if (message instanceof NodeMessage.VoterChanged answer) {
                voterChanges.answered(answer);
            } else if (message instanceof NodeMessage.AskQuorum question) {
                inquiry.asked(from, question);
            } else if (message instanceof NodeMessage.Quorum answer) {
                inquiry.answered(answer);
            } else if (message instanceof NodeMessage.Digest digest
                    && digests.differs(digest.index(), digest.digest())) {
                diverged(digest.index());
            }
        }
    }

    private Members seen(Members before, Set<Integer> nodes) {
        long voters = stack.raft().members().stream()
                .filter(each -> nodes.contains(Integer.parseInt(each)))
                .count();
        return new Members(
                nodes, before.activeController(), voters >= stack.raft().majority());
    }

    /** On the events' thread. */
    private void leaderChanged(LeaderWatch.Seen now) {
        forwarding.leader(now);
        if (now.leader() == null) {
            proposals.noLeader();
            return;
        }
        boolean self = now.leader().equals(stack.raft().getAddress());
        proposals.leader(now.term(), self);
        if (!self) {
            catchUp();
        }
    }

    /** A node that starts serves once all that was committed by then is applied. */
    private void catchUp() {
        if (!serving.isDone()) {
            proposals.barrier().whenComplete((done, failure) -> {
                if (failure == null) {
                    serving.complete(null);
                } else {
                    events.schedule(this::catchUp, RETRY_MS);
                }
            });
        }
    }

    /** What the leader has at an entry is no longer what this node has. */
    private void diverged(long index) {
        try {
            if (marks.isPresent() && !failStop.failed()) {
                marks.get().diverged();
            }
        } catch (IOException e) {
            LOG.error("That the metadata diverged could not be noted", e);
        }
        failStop.fail(
                "The metadata of this node differs from the leader's at entry " + index
                        + " and will be fetched anew at the next start",
                null);
    }

    /** On the events' thread. */
    private void tellDigest(long lastTold) {
        if (!members.members().activeController()) {
            tellsDigests = false;
            return;
        }
        var latest = digests.latest().filter(each -> each.index() != lastTold);
        latest.ifPresent(stack::sendToOthers);
        long told = latest.map(NodeMessage.Digest::index).orElse(lastTold);
        events.schedule(() -> tellDigest(told), DIGEST_INTERVAL_MS);
    }

    private final class ProposalsSurroundings implements Proposals.Surroundings {
        @Override
        public void submit(NodeMessage.Propose entry) {
            forwarding.submit(entry);
        }

        @Override
        public void leads(boolean leading) {
            members.change(before -> new Members(before.nodes(), leading, before.quorum()));
            if (leading) {
                serving.complete(null);
                events.execute(() -> {
                    if (!tellsDigests) {
                        tellsDigests = true;
                        tellDigest(-1);
                    }
                });
            }
        }

        @Override
        public void wake() {
            events.schedule(
                    () -> {
                        watch.check();
                        proposals.tick();
                    },
                    Proposals.TICK_MS);
        }
    }

    private final class Applied implements MetadataApplier.OnApplied {
        @Override
        public void applied(Entry entry, long term, List<Result<?>> results) {
            var image = applier.image();
            if (digests.applied(image.appliedIndex(), image.digest())) {
                diverged(image.appliedIndex());
            }
            proposals.applied(entry, term, results);
        }

        @Override
        public void restored() {
            digests.restored(applier.image().appliedIndex(), applier.image().digest());
            proposals.restored();
        }
    }

    private void failed(RaftException failure, Consumer<RaftException> onFailure) {
        LOG.error(failure.getMessage());
        proposals.fail(failure.getMessage());
        if (!serving.completeExceptionally(failure)) {
            onFailure.accept(failure);
        }
        events.execute(() -> {
            stack.leave();
            members.change(before -> new Members(Set.of(config.nodeId()), false, false));
        });
    }

    @Override
    public MetadataImage image() {
        return applier.image();
    }

    @Override
    public <R> CompletionStage<R> propose(Command<R> command) {
        return proposals.propose(command);
    }

    @Override
    public void addListener(MetadataListener listener) {
        applier.addListener(listener);
    }

    /** The listener hears of the present members first. */
    public void addMembersListener(MembersListener listener) {
        members.addListener(listener);
    }

    /** As this node sees them now. */
    public Members members() {
        return members.members();
    }

    @Override
    public QuorumState quorum() {
        return QuorumView.of(
                status(), config.nodeId(), stack.raft(), members.members().nodes());
    }

    @Override
    public CompletionStage<QuorumState> quorumOfLeader() {
        return inquiry.ask();
    }

    /** Who votes; to be changed at any node. */
    public Voters voters() {
        return voterChanges;
    }

    RaftStack stack() {
        return stack;
    }

    private int leaderId() {
        var now = failStop.failed() ? null : stack.raft().leader();
        return now == null ? -1 : NodeAddress.nodeId(now).orElse(-1);
    }

    /** Never waits. */
    public RaftStatus status() {
        long applied = applier.image().appliedIndex();
        return new RaftStatus(
                leaderId(),
                log.currentTerm(),
                Math.max(log.commitIndex(), applied), // jgroups-raft tells the log only after applying
                applied,
                log.lastAppended(),
                log.firstAppended(),
                log.sizeInBytes(),
                proposals.size());
    }

    /** Refuses what waits, lets what is in flight end, stops the threads and closes the log. Idempotent. */
    @Override
    public void close() {
        proposals.close("this broker is shutting down", CLOSE_TIMEOUT_MS);
        stack.close();
        events.close();
        closeQuietly(log);
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            LOG.warnf("Closing the Raft log failed: %s", e.getMessage());
        } catch (Exception e) {
            LOG.warn("Closing the Raft log failed", e);
        }
    }
}
