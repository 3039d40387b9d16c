package io.odradek.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;

/** What is asked of a group's coordinator, one request at a time. */
final class Coordination {
    private static final short FIND_COORDINATOR_VERSION = 6;
    private static final short OFFSET_COMMIT_VERSION = 9;
    private static final short OFFSET_FETCH_VERSION = 9;

    private Coordination() {}

    /** Waits until the group's coordinator is there, which may have to be made first. */
    static void await(Connection connection, String group) throws Exception {
        while (true) {
            var request = new FindCoordinatorRequest.Builder(new FindCoordinatorRequestData()
                            .setKeyType(FindCoordinatorRequest.CoordinatorType.GROUP.id())
                            .setCoordinatorKeys(List.of(group)))
                    .build(FIND_COORDINATOR_VERSION);
            var found = connection.call(request, FindCoordinatorResponse.class);
            if (found.data().coordinators().get(0).errorCode() == Errors.NONE.code()
                    && fetch(connection, group) == Errors.NONE) {
                return;
            }
            Thread.sleep(20);
        }
    }

    /** A commit by nobody's member. */
    static OffsetCommitRequest commit(String group, String topic, int partitions, long offset) {
        var ofTopic = new OffsetCommitRequestData.OffsetCommitRequestTopic().setName(topic);
        IntStream.range(0, partitions).forEach(p -> ofTopic.partitions()
                .add(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                        .setPartitionIndex(p)
                        .setCommittedOffset(offset)
                        .setCommittedMetadata("")));
        return OffsetCommitRequest.Builder.forTopicNames(new OffsetCommitRequestData()
                        .setGroupId(group)
                        .setGenerationIdOrMemberEpoch(-1)
                        .setTopics(new ArrayList<>(List.of(ofTopic))))
                .build(OFFSET_COMMIT_VERSION);
    }

    static void check(OffsetCommitResponse response) {
        response.data().topics().forEach(t -> t.partitions().forEach(p -> {
            if (p.errorCode() != Errors.NONE.code()) {
                throw new IllegalStateException("a commit failed: " + Errors.forCode(p.errorCode()));
            }
        }));
    }

    /** The error of a fetch of all offsets of a group, or none. */
    static Errors fetch(Connection connection, String group) throws IOException {
        return Errors.forCode(offsets(connection, group).errorCode());
    }

    /** All offsets of a group. */
    static OffsetFetchResponseData.OffsetFetchResponseGroup offsets(Connection connection, String group)
            throws IOException {
        var asked = new OffsetFetchRequestData.OffsetFetchRequestGroup()
                .setGroupId(group)
                .setTopics(null);
        var request = OffsetFetchRequest.Builder.forTopicNames(
                        new OffsetFetchRequestData().setGroups(List.of(asked)), true)
                .build(OFFSET_FETCH_VERSION);
        return connection.call(request, OffsetFetchResponse.class).group(group);
    }
}
