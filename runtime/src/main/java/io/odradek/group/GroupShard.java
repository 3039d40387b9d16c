package io.odradek.group;

import io.odradek.coordinator.CoordinatorRecord;
import io.odradek.coordinator.CoordinatorShard;
import io.odradek.coordinator.Decision;
import io.odradek.group.message.CoordinatorRecordType;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.TransactionResult;

/**
 * The groups of one partition of {@code __consumer_offsets}: hands records and requests to the kind of group, or to the
 * offsets, that they are for.
 */
public final class GroupShard implements CoordinatorShard {
    private final ShardParts parts;
    private final Map<GroupType, KindOfGroup> kinds = new LinkedHashMap<>();
    private final Map<Short, KindOfGroup> byRecordType = new HashMap<>();

    GroupShard(ShardParts parts, List<ShardParts.KindFactory> kinds) {
        this.parts = parts;
        for (var factory : kinds) {
            var kind = factory.create(parts);
            this.kinds.put(kind.type(), kind);
            kind.recordTypes().forEach(type -> byRecordType.put(type, kind));
        }
        this.kinds.values().forEach(kind -> kind.alongside(this.kinds.values()));
    }

    /** For the requests of one kind of group. */
    public <K extends KindOfGroup> K kind(Class<K> kind) {
        for (var candidate : kinds.values()) {
            if (kind.isInstance(candidate)) {
                return kind.cast(candidate);
            }
        }
        throw new IllegalArgumentException("This coordinator has no " + kind.getSimpleName());
    }

    /** Who answers requests of the classic protocol for this group: its own kind, if that understands them. */
    public ClassicProtocol classicProtocol(String groupId) {
        var type = parts.groups().get(groupId).map(Group::type).orElse(GroupType.CLASSIC);
        return kinds.get(type) instanceof ClassicProtocol protocol
                ? protocol
                : (ClassicProtocol) kinds.get(GroupType.CLASSIC);
    }

    public Groups groups() {
        return parts.groups();
    }

    public GroupOffsets offsets() {
        return parts.offsets();
    }

    /**
     * OffsetCommit, which is also a sign of life of the member.
     *
     * @throws ApiException see {@link GroupOffsets#commit}
     */
    public Decision<OffsetCommitResponseData> commitOffsets(OffsetCommitRequestData request, short version) {
        var decision = parts.offsets().commit(request, version);
        parts.groups().get(request.groupId()).ifPresent(group -> kinds.get(group.type())
                .offsetsCommitted(group, request.memberId()));
        return decision;
    }

    /** Deletes a group and its offsets. */
    public Decision<Errors> delete(String groupId) {
        try {
            var group = parts.groups().require(groupId);
            group.validateDelete();
            var records = new ArrayList<CoordinatorRecord>(parts.offsets().tombstones(groupId));
            records.addAll(group.tombstones());
            return Decision.of(records, Errors.NONE);
        } catch (ApiException e) {
            return Decision.of(Errors.forException(e));
        }
    }

    @Override
    public void replay(CoordinatorRecord record) {
        if (isOffset(record)) {
            parts.offsets().replay(record);
            return;
        }
        var kind = byRecordType.get(record.type());
        if (kind != null) {
            kind.replay(record);
        }
    }

    @Override
    public void replayTransactional(long producerId, short producerEpoch, CoordinatorRecord record) {
        if (!isOffset(record)) {
            throw new IllegalStateException(
                    "Only offsets may be in a transaction, not a record of type " + record.type());
        }
        parts.offsets().replayTransactional(producerId, record);
    }

    private static boolean isOffset(CoordinatorRecord record) {
        return record.type() == CoordinatorRecordType.OFFSET_COMMIT.id()
                || record.type() == CoordinatorRecordType.LEGACY_OFFSET_COMMIT.id();
    }

    @Override
    public void endTransaction(long producerId, short producerEpoch, TransactionResult result) {
        parts.offsets().endTransaction(producerId, result);
    }

    @Override
    public void loaded(MetadataImage image) {
        parts.offsets().loaded(image);
        kinds.values().forEach(kind -> kind.loaded(image));
    }

    @Override
    public void onChange(MetadataChange change) {
        parts.offsets().onChange(change);
        kinds.values().forEach(kind -> kind.onChange(change));
    }

    @Override
    public void unloaded(Errors why) {
        kinds.values().forEach(kind -> kind.unloaded(why));
    }
}
