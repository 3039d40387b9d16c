package io.odradek.group.consumer;

import io.odradek.config.ConsumerGroupSettings;
import io.odradek.group.ShardParts;
import io.odradek.metadata.MetadataChange;
import io.odradek.metadata.MetadataImage;
import io.odradek.metadata.TopicImage;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;

/** What the consumer groups of one shard see of the world: topics, settings, the clock. Used by the shard only. */
final class GroupEnvironment {
    private final ShardParts parts;
    private final TopicHashes hashes = new TopicHashes();

    /** Groups that have seen their topics as these are now. What is not here looks again at the next heartbeat. */
    private final Set<String> upToDate = new HashSet<>();

    private MetadataImage image = MetadataImage.EMPTY;
    private long newTopicsVersion;

    GroupEnvironment(ShardParts parts) {
        this.parts = parts;
    }

    void loaded(MetadataImage image) {
        this.image = image;
        newTopicsVersion = version();
    }

    void onChange(MetadataChange change) {
        image = change.after();
        var names = new TreeSet<String>();
        for (var id : change.topics()) {
            var before = change.before().topics().byId(id);
            var after = change.after().topics().byId(id);
            if (before.isEmpty() && after.isPresent()) {
                newTopicsVersion = version();
            }
            before.map(TopicImage::name).ifPresent(names::add);
            after.map(TopicImage::name).ifPresent(names::add);
        }
        names.forEach(hashes::changed);
        upToDate.removeIf(groupId -> parts.groups()
                .get(groupId, ConsumerGroup.class)
                .map(group -> names.stream().anyMatch(group::isSubscribedTo))
                .orElse(true));
    }

    MetadataImage image() {
        return image;
    }

    /** Grows with every change of the metadata. */
    long version() {
        return image.commands();
    }

    /** In which version of the metadata topics were last created. */
    long newTopicsVersion() {
        return newTopicsVersion;
    }

    long nowMs() {
        return parts.context().time().milliseconds();
    }

    Uuid newId() {
        return parts.context().newId().get();
    }

    ConsumerGroupSettings settings() {
        return parts.settings().get().consumerGroups();
    }

    int classicGroupMaxSize() {
        return parts.settings().get().groups().maxSize();
    }

    int sessionTimeoutMs(String groupId) {
        return settings().sessionTimeoutMs(configs(groupId));
    }

    int heartbeatIntervalMs(String groupId) {
        return settings().heartbeatIntervalMs(configs(groupId));
    }

    int assignmentIntervalMs(String groupId) {
        return settings().assignmentIntervalMs(configs(groupId));
    }

    private Map<String, String> configs(String groupId) {
        return image.configs(new ConfigResource(ConfigResource.Type.GROUP, groupId));
    }

    long metadataHash(ConsumerGroup group) {
        return hashes.of(group.subscriptions().topicNames(), image);
    }

    boolean hasSeenItsTopics(String groupId) {
        return upToDate.contains(groupId);
    }

    void seenItsTopics(String groupId) {
        upToDate.add(groupId);
    }

    void forget(String groupId) {
        upToDate.remove(groupId);
    }

    /** The ids of those topics that exist. */
    Set<Uuid> topicIds(Collection<String> names) {
        return names.stream()
                .map(name -> image.topics().byName(name))
                .flatMap(Optional::stream)
                .map(TopicImage::id)
                .collect(Collectors.toSet());
    }
}
