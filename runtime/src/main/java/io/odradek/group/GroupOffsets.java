package io.odradek.group;

import io.odradek.config.BrokerConfig;
import io.odradek.config.GroupSettings;
import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.Decision;
import io.odradek.coordinator.ShardContext;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.requests.TransactionResult;

/**
 * The offsets that the groups of one shard have committed, those of open transactions too. Used by the shard only.
 *
 * <p>Requests come with topics that exist and that the client may use; topic ids are resolved to names. What is thrown is
 * the error of a whole request.
 */
public final class GroupOffsets {
    private final OffsetStore store;
    private final OffsetCommits commits;
    private final OffsetFetches fetches;
    private final OffsetDeletions deletions;
    private final OffsetExpiry expiry;
    private final DeletedTopicOffsets deletedTopics;
    private MetadataImage image = MetadataImage.EMPTY;

    /** @param simpleGroup makes the group of offsets that were committed without any */
    GroupOffsets(
            ShardContext context, Groups groups, Supplier<BrokerConfig> settings, Function<String, Group> simpleGroup) {
        Supplier<GroupSettings> groupSettings = () -> settings.get().groups();
        store = new OffsetStore(groups, simpleGroup);
        commits = new OffsetCommits(
                groups, context.time(), () -> groupSettings.get().offsetMetadataMaxBytes());
        fetches = new OffsetFetches(groups, store);
        deletions = new OffsetDeletions(groups, store);
        expiry = new OffsetExpiry(groups, store, context, groupSettings);
        deletedTopics = new DeletedTopicOffsets(store, context.timers());
    }

    /**
     * OffsetCommit.
     *
     * @param version of the request
     * @throws org.apache.kafka.common.errors.ApiException those of {@link Group#validateOffsetCommit(OffsetCommitter)};
     *     GROUP_ID_NOT_FOUND or, to older clients, ILLEGAL_GENERATION
     */
    public Decision<OffsetCommitResponseData> commit(OffsetCommitRequestData request, short version) {
        return commits.commit(request, version);
    }

    /**
     * TxnOffsetCommit, to be written within the transaction.
     *
     * @param version of the request
     * @throws org.apache.kafka.common.errors.ApiException those of {@link Group#validateOffsetCommit(OffsetCommitter)},
     *     but ILLEGAL_GENERATION for STALE_MEMBER_EPOCH and GROUP_ID_NOT_FOUND
     */
    public Decision<TxnOffsetCommitResponseData> commitInTransaction(
            TxnOffsetCommitRequestData request, short version) {
        return commits.commitInTransaction(
                request,
                version,
                topic -> image.topics().byName(topic).map(TopicImage::id).orElse(Uuid.ZERO_UUID));
    }

    /**
     * OffsetFetch of one group; of all its topics if the request names none.
     *
     * @param requireStable to answer UNSTABLE_OFFSET_COMMIT where an open transaction may change the offset (KIP-447)
     * @throws org.apache.kafka.common.errors.ApiException those of {@link Group#validateOffsetFetch}
     */
    public OffsetFetchResponseGroup fetch(OffsetFetchRequestGroup request, boolean requireStable) {
        return fetches.fetch(request, requireStable);
    }

    /**
     * OffsetDelete.
     *
     * @throws org.apache.kafka.common.errors.ApiException those of {@link Group#validateOffsetDelete}, GROUP_ID_NOT_FOUND
     */
    public Decision<OffsetDeleteResponseData> delete(OffsetDeleteRequestData request) {
        return deletions.delete(request);
    }

    /** Records that delete all offsets of a group, those pending in transactions included. */
    List<CoordinatorRecord> tombstones(String groupId) {
        var records = new ArrayList<CoordinatorRecord>();
        store.committed()
                .forEach(
                        groupId,
                        (g, topic, partition, offset) ->
                                records.add(OffsetRecords.tombstone(groupId, topic, partition)));
        store.open().forEach(groupId, (g, topic, partition, producers) -> {
            if (store.committed().get(groupId, topic, partition).isEmpty()) {
                records.add(OffsetRecords.tombstone(groupId, topic, partition));
            }
        });
        return records;
    }

    void replay(CoordinatorRecord record) {
        store.replay(record);
    }

    void replayTransactional(long producerId, CoordinatorRecord record) {
        store.replayTransactional(producerId, record);
    }

    void endTransaction(long producerId, TransactionResult result) {
        store.endTransaction(producerId, result);
    }

    void loaded(MetadataImage current) {
        image = current;
        expiry.schedule();
    }

    void onChange(MetadataChange change) {
        image = change.after();
        deletedTopics.onChange(change);
    }
}
