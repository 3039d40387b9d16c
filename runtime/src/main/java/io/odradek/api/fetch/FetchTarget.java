package io.odradek.api.fetch;

import org.apache.kafka.common.Uuid;

/**
 * What a fetch asks of one partition.
 *
 * @param topicId zero if the partition is named by its topic's name
 * @param topic empty if the partition is named by its topic's id
 * @param knownTopic the name that the topic had when the partition was first asked for; empty if it was unknown then
 * @param logStartOffset of a follower's log; -1 for consumers
 * @param maxBytes how many bytes of this partition are wanted at most
 * @param currentLeaderEpoch -1 if the client does not say
 * @param lastFetchedEpoch epoch of the last record that the client has; -1 if it does not say
 */
public record FetchTarget(
        Uuid topicId,
        String topic,
        String knownTopic,
        int partition,
        long fetchOffset,
        long logStartOffset,
        int maxBytes,
        int currentLeaderEpoch,
        int lastFetchedEpoch) {
    public boolean namedById() {
        return !topicId.equals(Uuid.ZERO_UUID);
    }

    public boolean isOfSameTopic(FetchTarget other) {
        return topicId.equals(other.topicId) && topic.equals(other.topic);
    }

    PartitionKey key() {
        return new PartitionKey(topicId, topic, partition);
    }
}
