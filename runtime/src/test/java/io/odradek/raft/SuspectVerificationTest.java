package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.odradek.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jgroups.Address;
import org.jgroups.EmptyMessage;
import org.jgroups.Event;
import org.jgroups.Message;
import org.jgroups.View;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.stack.Protocol;
import org.jgroups.util.ExtendedUUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SuspectVerificationTest {
    private static final Address SELF = ExtendedUUID.randomUUID("self");
    private static final Address ONE = ExtendedUUID.randomUUID("one");
    private static final Address OTHER = ExtendedUUID.randomUUID("other");
    private static final long PATIENCE_MS = 300;

    private final ManualClock clock = new ManualClock(0);
    private final List<Address> believedDead = new ArrayList<>();
    private final List<Message> sent = new ArrayList<>();
    private final SuspectVerification verification = new SuspectVerification(Duration.ofMillis(PATIENCE_MS)) {
        @Override
        void later(Runnable work) {
            clock.schedule(PATIENCE_MS, work);
        }
    };

    @BeforeEach
    void stack() {
        verification.addr(SELF);
        verification.setUpProtocol(new Protocol() {
            @Override
            public Object up(Event event) {
                if (event.getType() == Event.SUSPECT) {
                    Collection<Address> suspects = event.getArg();
                    believedDead.addAll(suspects);
                }
                return null;
            }
        });
        verification.setDownProtocol(new Protocol() {
            @Override
            public Object down(Event event) {
                return null;
            }

            @Override
            public Object down(Message message) {
                sent.add(message);
                return null;
            }
        });
    }

    private void suspect(Address... suspects) {
        verification.up(new Event(Event.SUSPECT, List.of(suspects)));
    }

    /** As the node says that is asked. */
    private void answers(Address alive) {
        sent.clear();
        var there = new SuspectVerification(Duration.ofMillis(PATIENCE_MS));
        there.addr(alive);
        there.setDownProtocol(verification.getDownProtocol());
        suspect(alive);
        var question = sent.get(0);
        assertEquals(alive, question.getDest());
        there.up(new EmptyMessage(alive).putHeader(there.getId(), question.getHeader(verification.getId())));
        var answer = sent.get(1);
        assertInstanceOf(VERIFY_SUSPECT2.VerifyHeader.class, (Object) answer.getHeader(there.getId()));
        verification.up(answer);
    }

    @Test
    void whoDoesNotAnswerInTimeIsDead() {
        suspect(ONE, SELF);

        clock.advance(PATIENCE_MS - 1);
        assertEquals(List.of(), believedDead);
        clock.advance(1);
        assertEquals(List.of(ONE), believedDead);
    }

    @Test
    void whoAnswersIsNot() {
        suspect(ONE);
        clock.advance(PATIENCE_MS - 1);

        answers(ONE);

        clock.advance(10 * PATIENCE_MS);
        assertEquals(List.of(), believedDead);
    }

    @Test
    void eachHasItsOwnTime() {
        suspect(ONE);
        clock.advance(PATIENCE_MS - 1);
        suspect(OTHER, ONE);

        clock.advance(1);
        assertEquals(List.of(ONE), believedDead);
        clock.advance(PATIENCE_MS - 2);
        assertEquals(List.of(ONE), believedDead);
        clock.advance(1);
        assertEquals(List.of(ONE, OTHER), believedDead);
    }

    @Test
    void whoIsSuspectedAgainHasAllItsTimeAgain() {
        suspect(ONE);
        clock.advance(PATIENCE_MS - 1);
        answers(ONE);
        suspect(ONE);

        clock.advance(PATIENCE_MS - 1);
        assertEquals(List.of(), believedDead);
        clock.advance(1);
        assertEquals(List.of(ONE), believedDead);
    }

    @Test
    void whoLeavesTheViewIsForgotten() {
        suspect(ONE, OTHER);

        verification.down(new Event(Event.VIEW_CHANGE, View.create(SELF, 2, SELF, OTHER)));

        clock.advance(PATIENCE_MS);
        assertEquals(Set.of(OTHER), Set.copyOf(believedDead));
    }
}
