package io.odradek.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatRequest;
import org.apache.kafka.common.requests.ConsumerGroupHeartbeatResponse;

/** A member of the KIP-848 protocol, which takes and gives up partitions as soon as it is told to. */
final class ConsumerMember implements Member {
    private static final short VERSION = 1;

    private final String group;
    private final String topic;
    private final int partitions;
    private final String memberId = Uuid.randomUuid().toString();
    private int epoch;
    private List<ConsumerGroupHeartbeatRequestData.TopicPartitions> owned = List.of();
    private volatile int agreed = -1;

    /** @param partitions how many this member has when all are there */
    ConsumerMember(String group, String topic, int partitions) {
        this.group = group;
        this.topic = topic;
        this.partitions = partitions;
    }

    @Override
    public void step(Connection connection) throws IOException {
        agreed = -1;
        var answer =
                connection.call(full(), ConsumerGroupHeartbeatResponse.class).data();
        var error = Errors.forCode(answer.errorCode());
        switch (error) {
            case NONE -> take(connection, answer);
            case COORDINATOR_LOAD_IN_PROGRESS, NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE -> {}
            case FENCED_MEMBER_EPOCH, UNKNOWN_MEMBER_ID -> {
                epoch = 0;
                owned = List.of();
            }
            default -> throw new IllegalStateException("a member cannot join: " + error + " " + answer.errorMessage());
        }
    }

    private void take(Connection connection, ConsumerGroupHeartbeatResponseData answer) throws IOException {
        epoch = answer.memberEpoch();
        if (answer.assignment() != null) {
            var assigned = assigned(answer);
            var changed = !assigned.equals(owned);
            owned = assigned;
            if (changed) {
                // Says at once what it has now, as a consumer does.
                step(connection);
                return;
            }
        }
        agreed = count() == partitions ? epoch : -1;
    }

    private static List<ConsumerGroupHeartbeatRequestData.TopicPartitions> assigned(
            ConsumerGroupHeartbeatResponseData answer) {
        return answer.assignment().topicPartitions().stream()
                .map(t -> new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                        .setTopicId(t.topicId())
                        .setPartitions(t.partitions()))
                .toList();
    }

    private int count() {
        return owned.stream().mapToInt(t -> t.partitions().size()).sum();
    }

    private ConsumerGroupHeartbeatRequest full() {
        return new ConsumerGroupHeartbeatRequest.Builder(new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(group)
                        .setMemberId(memberId)
                        .setMemberEpoch(epoch)
                        .setRebalanceTimeoutMs(60_000)
                        .setSubscribedTopicNames(List.of(topic))
                        .setTopicPartitions(new ArrayList<>(owned)))
                .build(VERSION);
    }

    @Override
    public int agreedEpoch() {
        return agreed;
    }

    /** Nothing but that it is there: what does not change is left out. */
    @Override
    public AbstractRequest heartbeat() {
        return new ConsumerGroupHeartbeatRequest.Builder(new ConsumerGroupHeartbeatRequestData()
                        .setGroupId(group)
                        .setMemberId(memberId)
                        .setMemberEpoch(epoch))
                .build(VERSION);
    }

    @Override
    public void checkStable(AbstractResponse answer) {
        var data = ((ConsumerGroupHeartbeatResponse) answer).data();
        if (data.errorCode() != Errors.NONE.code() || data.memberEpoch() != epoch) {
            throw new IllegalStateException("a heartbeat in a stable group failed: " + data);
        }
    }
}
