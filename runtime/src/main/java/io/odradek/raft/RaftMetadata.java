package io.odradek.raft;

import io.odradek.metadata.Command;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.MetadataListener;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.QuorumState;
import io.odradek.metadata.Result;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jgroups.protocols.raft.Role;
import org.jgroups.raft.util.Utils;

/**
 * The cluster's metadata as a replicated state machine over jgroups-raft; for now in a group of one.
 *
 * <p>Thread-safe. Listeners and the dependents of {@link #propose}'s stages run on the thread that applies commands.
 */
public final class RaftMetadata implements MetadataStore, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(RaftMetadata.class);
    private static final long START_TIMEOUT_MS = 30_000;
    private static final long CLOSE_TIMEOUT_MS = 5_000;

    private final int nodeId;
    private final FailStop failStop;
    private final RaftLog log;
    private final MetadataApplier applier;
    private final Proposals proposals;
    private final CompletableFuture<Void> serving = new CompletableFuture<>();
    private final RaftStack stack;

    private RaftMetadata(RaftConfig config, LogStorage storage, Consumer<RaftException> onFailure) {
        nodeId = config.nodeId();
        failStop = new FailStop(failure -> failed(failure, onFailure));
        var owner = new LogIdentity(config.clusterId(), config.nodeId());
        log = new RaftLog(storage, owner, config.segmentBytes(), failStop);
        applier = new MetadataApplier(failStop, this::applied);
        proposals = new Proposals(UUID.randomUUID(), this::submit);
        stack = new SoloStack(config, log, applier, failStop, this::roleChanged);
    }

    /**
     * Opens the log, restores the image and joins the group; returns once this node serves: for a group of one as the
     * leader, with every committed command applied.
     *
     * @param onFailure told once when the first write or fsync of the log failed after this returned: this node takes no
     *     further part in the group, every waiting proposal has failed; called on the thread that failed, must not block
     *     nor close this
     * @throws RaftException in one clear line, when the directory is damaged, of another node, cluster or newer format, in
     *     use, or cannot be written
     */
    public static RaftMetadata start(RaftConfig config, Consumer<RaftException> onFailure) {
        return start(config, DirectoryStorage.open(config.directory()), onFailure);
    }

    static RaftMetadata start(RaftConfig config, LogStorage storage, Consumer<RaftException> onFailure) {
        JGroupsLog.install();
        var metadata = new RaftMetadata(config, storage, onFailure);
        try {
            metadata.join(config);
            return metadata;
        } catch (RuntimeException | Error e) {
            metadata.close();
            closeQuietly(storage);
            throw e;
        }
    }

    private void join(RaftConfig config) {
        log.init("", null);
        try {
            stack.start();
            serving.get(START_TIMEOUT_MS, TimeUnit.MILLISECONDS);
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

    private CompletionStage<?> submit(byte[] entry) {
        return stack.raft().setAsync(entry, 0, entry.length, null);
    }

    private void roleChanged(Role role) {
        if (role == Role.Leader) {
            proposals.elected();
        } else {
            proposals.lostLeadership();
        }
    }

    private void applied(Entry entry, List<Result<?>> results) {
        if (proposals.applied(entry, results)) {
            serving.complete(null);
        }
    }

    private void failed(RaftException failure, Consumer<RaftException> onFailure) {
        LOG.error(failure.getMessage());
        proposals.fail(failure.getMessage());
        if (!serving.completeExceptionally(failure)) {
            onFailure.accept(failure);
        }
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

    @Override
    public QuorumState quorum() {
        var now = status();
        var self = new QuorumState.Replica(nodeId, now.lastAppendedIndex() + 1, -1, -1);
        return new QuorumState(now.leaderId(), (int) now.term(), now.commitIndex() + 1, List.of(self), List.of());
    }

    /** Never waits. */
    public RaftStatus status() {
        var leader = failStop.failed() ? null : stack.raft().leader();
        long applied = applier.image().appliedIndex();
        return new RaftStatus(
                leader == null ? -1 : Integer.parseInt(Utils.extractRaftId(leader)),
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
