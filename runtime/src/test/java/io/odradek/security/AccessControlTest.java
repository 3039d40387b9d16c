package io.odradek.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.odradek.spi.Authorizer;
import io.odradek.spi.Client;
import io.smallrye.mutiny.Uni;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.Test;

class AccessControlTest {
    private static final ClientIdentity CLIENT = ClientIdentity.anonymous(
            "PLAINTEXT", SecurityProtocol.PLAINTEXT, InetSocketAddress.createUnresolved("here", 1));

    @Test
    void allowAllAnswersWithConstants() {
        var access = AccessControl.allowAll();

        var first = access.allowed(CLIENT, AclOperation.READ, ResourceType.TOPIC, List.of("a"));
        var second = access.allowed(CLIENT, AclOperation.WRITE, ResourceType.TOPIC, List.of("b"));

        assertTrue(access.allowsEverything());
        assertSame(first, second);
        assertTrue(first.toCompletableFuture().join().test("anything"));
        assertTrue(access.allowed(CLIENT, AclOperation.READ, ResourceType.TOPIC, "a")
                .toCompletableFuture()
                .join());
    }

    @Test
    void asksOnceForAllNamesAndWaitsForTheAnswer() {
        var pending = new CompletableFuture<List<Authorizer.Decision>>();
        var asked = new AtomicReference<List<Authorizer.Action>>();
        var access = new AccessControl(authorizer((client, actions) -> {
            asked.set(actions);
            return Uni.createFrom().completionStage(pending);
        }));

        var answer = access.allowed(CLIENT, AclOperation.READ, ResourceType.TOPIC, List.of("a", "b", "a"))
                .toCompletableFuture();

        assertFalse(answer.isDone());
        assertEquals(2, asked.get().size());
        pending.complete(List.of(Authorizer.Decision.DENIED, Authorizer.Decision.ALLOWED));
        assertFalse(answer.join().test("a"));
        assertTrue(answer.join().test("b"));
    }

    @Test
    void aFailingAuthorizerDenies() {
        List<BiFunction<Client, List<Authorizer.Action>, Uni<List<Authorizer.Decision>>>> failures = List.of(
                (client, actions) -> Uni.createFrom().failure(new IllegalStateException("no policy server")),
                (client, actions) -> {
                    throw new IllegalStateException("broken");
                },
                (client, actions) -> Uni.createFrom().item(List.of()),
                (client, actions) -> Uni.createFrom().nullItem());
        for (var failure : failures) {
            var access = new AccessControl(authorizer(failure));

            assertFalse(access.allowed(CLIENT, AclOperation.READ, ResourceType.TOPIC, "a")
                    .toCompletableFuture()
                    .join());
            assertFalse(access.allowed(CLIENT, AclOperation.READ, ResourceType.TOPIC, List.of("a"))
                    .toCompletableFuture()
                    .join()
                    .test("a"));
            assertFalse(access.allowedOnAny(CLIENT, AclOperation.READ, ResourceType.TOPIC)
                    .toCompletableFuture()
                    .join());
        }
    }

    @Test
    void authorizedOperationsAreBitsByOperationCode() {
        var readOnly = new AccessControl(authorizer((client, actions) -> Uni.createFrom()
                .item(actions.stream()
                        .map(a -> a.operation() == Authorizer.Operation.READ
                                        && a.resourceName().equals("mine")
                                ? Authorizer.Decision.ALLOWED
                                : Authorizer.Decision.DENIED)
                        .toList())));

        var bits = readOnly.authorizedOperations(CLIENT, ResourceType.TOPIC, List.of("mine", "theirs"))
                .toCompletableFuture()
                .join();
        var all = AccessControl.allowAll()
                .authorizedOperations(CLIENT, ResourceType.TOPIC, List.of("mine"))
                .toCompletableFuture()
                .join();

        assertEquals(1 << AclOperation.READ.code(), bits.applyAsInt("mine"));
        assertEquals(0, bits.applyAsInt("theirs"));
        // What Apache Kafka answers for a topic when nothing is forbidden.
        assertEquals(3576, all.applyAsInt("mine"));
    }

    private static Authorizer authorizer(
            BiFunction<Client, List<Authorizer.Action>, Uni<List<Authorizer.Decision>>> decide) {
        return new Authorizer() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public Uni<List<Decision>> authorize(Client client, List<Action> actions) {
                return decide.apply(client, actions);
            }

            @Override
            public Uni<Decision> authorizeAny(Client client, Operation operation, ResourceType resourceType) {
                return Uni.createFrom().failure(new IllegalStateException("not decided"));
            }
        };
    }
}
