package io.odradek.api;

import io.odradek.spi.Authorizer;
import io.odradek.spi.Client;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Set;

/** Allows everything on the named topics, and nothing else. */
final class OnlyTopics implements Authorizer {
    private final Set<String> topics;

    OnlyTopics(String... topics) {
        this.topics = Set.of(topics);
    }

    @Override
    public String name() {
        return "only-topics";
    }

    @Override
    public Uni<List<Decision>> authorize(Client client, List<Action> actions) {
        return Uni.createFrom()
                .item(actions.stream()
                        .map(a -> a.resourceType() == ResourceType.TOPIC && topics.contains(a.resourceName())
                                ? Decision.ALLOWED
                                : Decision.DENIED)
                        .toList());
    }

    @Override
    public Uni<Decision> authorizeAny(Client client, Operation operation, ResourceType resourceType) {
        return Uni.createFrom()
                .item(resourceType == ResourceType.TOPIC && !topics.isEmpty() ? Decision.ALLOWED : Decision.DENIED);
    }
}
