package io.odradek.group.classic;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;

/** Reads the subscriptions of consumers out of their protocol metadata, the one thing in it that a broker looks at. */
final class Subscriptions {
    private Subscriptions() {}

    /**
     * The topics that members subscribe to.
     *
     * @param protocol that was chosen for the group
     * @return empty if a member's metadata cannot be read
     */
    static Optional<Set<String>> topics(Collection<ClassicMember> members, String protocol) {
        var topics = new HashSet<String>();
        try {
            for (var member : members) {
                var metadata = ByteBuffer.wrap(member.protocols().metadata(protocol));
                ConsumerProtocol.deserializeVersion(metadata);
                // Version 0 is how all versions begin.
                topics.addAll(ConsumerProtocol.deserializeConsumerProtocolSubscription(metadata, (short) 0)
                        .topics());
            }
            return Optional.of(topics);
        } catch (RuntimeException malformed) {
            // Whatever a client calls a subscription: the group works without our knowing its topics.
            return Optional.empty();
        }
    }
}
