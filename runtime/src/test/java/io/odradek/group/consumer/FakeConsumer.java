package io.odradek.group.consumer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;

/** A consumer as far as its coordinator sees it: takes what it is given, gives up what it is told to, and says so. */
final class FakeConsumer {
    private static final int REBALANCE_TIMEOUT_MS = 300_000;

    final GroupUnderTest group;
    final String memberId;
    Optional<String> instanceId = Optional.empty();
    List<String> topics = List.of();
    String regex = "";
    String assignor;
    int epoch;

    /** What it works on. What it has been told to give up it still has while it is {@link #reluctant}. */
    final Map<Uuid, Set<Integer>> owned = new TreeMap<>();

    boolean reluctant;
    private Map<Uuid, Set<Integer>> assigned = Map.of();

    FakeConsumer(GroupUnderTest group, String memberId) {
        this.group = group;
        this.memberId = memberId;
    }

    FakeConsumer subscribe(String... names) {
        topics = List.of(names);
        return this;
    }

    FakeConsumer subscribeRegex(String expression) {
        regex = expression;
        return this;
    }

    FakeConsumer as(String instance) {
        instanceId = Optional.of(instance);
        return this;
    }

    /** Joins, or joins anew after it was fenced. */
    ConsumerGroupHeartbeatResponseData join() {
        epoch = 0;
        owned.clear();
        assigned = Map.of();
        return received(group.heartbeat(full()));
    }

    /** Says everything that there is to say. */
    ConsumerGroupHeartbeatRequestData full() {
        return request()
                .setRebalanceTimeoutMs(REBALANCE_TIMEOUT_MS)
                .setSubscribedTopicNames(topics)
                .setSubscribedTopicRegex(regex)
                .setServerAssignor(assignor)
                .setTopicPartitions(claimed());
    }

    ConsumerGroupHeartbeatRequestData request() {
        return new ConsumerGroupHeartbeatRequestData()
                .setMemberId(memberId)
                .setMemberEpoch(epoch)
                .setInstanceId(instanceId.orElse(null));
    }

    /** One heartbeat that says what it owns; twice makes sure that it has heard of what another has just given up. */
    ConsumerGroupHeartbeatResponseData beat() {
        if (!reluctant) {
            giveUp();
        }
        return received(group.heartbeat(request().setTopicPartitions(claimed())));
    }

    /** Takes up another subscription. */
    ConsumerGroupHeartbeatResponseData resubscribe(String... names) {
        topics = List.of(names);
        return received(
                group.heartbeat(request().setSubscribedTopicNames(topics).setTopicPartitions(claimed())));
    }

    void leave() {
        group.heartbeat(request().setMemberEpoch(-1));
    }

    /** As a static member that is about to restart. */
    void leaveForAWhile() {
        group.heartbeat(request().setMemberEpoch(-2));
    }

    private ConsumerGroupHeartbeatResponseData received(ConsumerGroupHeartbeatResponseData response) {
        epoch = response.memberEpoch();
        if (response.assignment() != null) {
            var next = new TreeMap<Uuid, Set<Integer>>();
            response.assignment()
                    .topicPartitions()
                    .forEach(topic -> next.put(topic.topicId(), new TreeSet<>(topic.partitions())));
            assigned = next;
            if (!reluctant) {
                giveUp();
            }
            next.forEach((topic, partitions) ->
                    owned.computeIfAbsent(topic, t -> new TreeSet<>()).addAll(partitions));
        }
        return response;
    }

    private void giveUp() {
        owned.forEach((topic, partitions) -> partitions.retainAll(assigned.getOrDefault(topic, Set.of())));
        owned.values().removeIf(Set::isEmpty);
    }

    private List<TopicPartitions> claimed() {
        var claimed = new ArrayList<TopicPartitions>();
        owned.forEach((topic, partitions) ->
                claimed.add(new TopicPartitions().setTopicId(topic).setPartitions(List.copyOf(partitions))));
        return claimed;
    }

    /** "topic-partition" of all it owns. */
    Set<String> owns() {
        var names = new TreeSet<String>();
        owned.forEach((topic, partitions) -> partitions.forEach(p -> names.add(group.topicName(topic) + "-" + p)));
        return names;
    }

    static Set<String> partitions(String... names) {
        return new TreeSet<>(Arrays.asList(names));
    }
}
