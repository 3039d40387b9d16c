package io.odradek.group.consumer;

import io.odradek.group.ClassicCaller;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * A consumer of the classic protocol that gives up everything before it joins again. Whether its group is a classic one is
 * none of its business. One step with each {@link #act}.
 */
final class FakeClassicConsumer {
    private static final ClassicCaller CALLER = new ClassicCaller("classic", "/127.0.0.1", (short) 9);
    private static final int TIMEOUT_MS = 30_000;

    final GroupUnderTest group;
    private final List<String> topics;
    Optional<String> instanceId = Optional.empty();
    String memberId = "";
    int generation = -1;
    Errors lastError = Errors.NONE;
    final Set<String> owns = new TreeSet<>();
    private Optional<CompletableFuture<JoinGroupResponseData>> joining = Optional.empty();
    private Optional<CompletableFuture<SyncGroupResponseData>> syncing = Optional.empty();
    private boolean stable;

    FakeClassicConsumer(GroupUnderTest group, String... topics) {
        this.group = group;
        this.topics = List.of(topics);
    }

    FakeClassicConsumer as(String instance) {
        instanceId = Optional.of(instance);
        return this;
    }

    void act() {
        if (joining.isPresent()) {
            joining.filter(CompletableFuture::isDone).ifPresent(stage -> joined(stage.join()));
        } else if (syncing.isPresent()) {
            syncing.filter(CompletableFuture::isDone).ifPresent(stage -> synced(stage.join()));
        } else if (stable) {
            follow(beat());
        } else {
            join();
        }
    }

    void join() {
        owns.clear();
        stable = false;
        joining = Optional.of(group.driver
                .write(shard -> shard.classicProtocol(GroupUnderTest.GROUP).join(CALLER, joinRequest()))
                .toCompletableFuture());
    }

    JoinGroupRequestData joinRequest() {
        var request = new JoinGroupRequestData()
                .setGroupId(GroupUnderTest.GROUP)
                .setMemberId(memberId)
                .setGroupInstanceId(instanceId.orElse(null))
                .setProtocolType(ConsumerProtocol.PROTOCOL_TYPE)
                .setSessionTimeoutMs(TIMEOUT_MS)
                .setRebalanceTimeoutMs(TIMEOUT_MS);
        var subscription = ConsumerProtocol.serializeSubscription(new ConsumerPartitionAssignor.Subscription(topics));
        request.protocols().add(new JoinGroupRequestProtocol().setName("range").setMetadata(bytes(subscription)));
        return request;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        var bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private void joined(JoinGroupResponseData response) {
        joining = Optional.empty();
        lastError = Errors.forCode(response.errorCode());
        if (lastError == Errors.NONE || lastError == Errors.MEMBER_ID_REQUIRED) {
            memberId = response.memberId();
        } else {
            follow(lastError);
        }
        if (lastError == Errors.NONE) {
            generation = response.generationId();
            sync(response);
        }
    }

    private void sync(JoinGroupResponseData joined) {
        var request = new SyncGroupRequestData()
                .setGroupId(GroupUnderTest.GROUP)
                .setMemberId(memberId)
                .setGroupInstanceId(instanceId.orElse(null))
                .setGenerationId(generation)
                .setProtocolType(joined.protocolType())
                .setProtocolName(joined.protocolName());
        if (joined.leader().equals(memberId) && !joined.skipAssignment()) {
            request.setAssignments(assign(joined.members()));
        }
        syncing = Optional.of(group.driver
                .write(shard -> shard.classicProtocol(GroupUnderTest.GROUP).sync(CALLER, request))
                .toCompletableFuture());
    }

    /** As the leader of a classic group: partitions in turn, whoever is subscribed to what. */
    private List<SyncGroupRequestAssignment> assign(List<JoinGroupResponseMember> members) {
        var shares = new ArrayList<List<TopicPartition>>();
        members.forEach(member -> shares.add(new ArrayList<>()));
        int next = 0;
        for (var topic : topics) {
            int count = group.driver
                    .image()
                    .topics()
                    .byName(topic)
                    .orElseThrow()
                    .partitions()
                    .size();
            for (int partition = 0; partition < count; partition++) {
                shares.get(next++ % members.size()).add(new TopicPartition(topic, partition));
            }
        }
        var assignments = new ArrayList<SyncGroupRequestAssignment>();
        for (int i = 0; i < members.size(); i++) {
            assignments.add(new SyncGroupRequestAssignment()
                    .setMemberId(members.get(i).memberId())
                    .setAssignment(bytes(ConsumerProtocol.serializeAssignment(
                            new ConsumerPartitionAssignor.Assignment(shares.get(i))))));
        }
        return assignments;
    }

    private void synced(SyncGroupResponseData response) {
        syncing = Optional.empty();
        lastError = Errors.forCode(response.errorCode());
        if (lastError == Errors.NONE) {
            stable = true;
            ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(response.assignment()))
                    .partitions()
                    .forEach(p -> owns.add(p.topic() + "-" + p.partition()));
        } else {
            follow(lastError);
        }
    }

    Errors beat() {
        return beat(generation);
    }

    Errors beat(int ofGeneration) {
        var request = new HeartbeatRequestData()
                .setGroupId(GroupUnderTest.GROUP)
                .setMemberId(memberId)
                .setGroupInstanceId(instanceId.orElse(null))
                .setGenerationId(ofGeneration);
        return Errors.forCode(group.driver
                .write(shard -> shard.classicProtocol(GroupUnderTest.GROUP).heartbeat(CALLER, request))
                .errorCode());
    }

    /** What a client does about an error. */
    private void follow(Errors error) {
        lastError = error;
        switch (error) {
            case NONE -> {}
            case REBALANCE_IN_PROGRESS -> join();
            case UNKNOWN_MEMBER_ID -> {
                memberId = "";
                join();
            }
            default -> {
                stable = false;
                owns.clear();
            }
        }
    }

    Errors leave() {
        var request = new LeaveGroupRequestData()
                .setGroupId(GroupUnderTest.GROUP)
                .setMembers(List.of(
                        new MemberIdentity().setMemberId(memberId).setGroupInstanceId(instanceId.orElse(null))));
        var response = group.driver.write(
                shard -> shard.classicProtocol(GroupUnderTest.GROUP).leave(CALLER, request));
        return Errors.forCode(response.members().get(0).errorCode());
    }
}
