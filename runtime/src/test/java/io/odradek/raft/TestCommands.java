package io.odradek.raft;

import io.odradek.metadata.Command;
import io.odradek.metadata.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.security.auth.SecurityProtocol;

final class TestCommands {
    private TestCommands() {}

    static Command.RegisterBroker registerBroker(int id) {
        return new Command.RegisterBroker(
                id,
                Uuid.randomUuid(),
                List.of(new Endpoint("PLAINTEXT", "localhost", 9092, SecurityProtocol.PLAINTEXT)),
                Optional.empty(),
                Map.of());
    }

    static Command.CreateTopic createTopic(String name) {
        return new Command.CreateTopic(Uuid.randomUuid(), name, 1, (short) 1, Map.of(), Map.of());
    }
}
