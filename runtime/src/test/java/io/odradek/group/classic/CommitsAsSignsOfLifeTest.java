package io.odradek.group.classic;

import static io.odradek.group.classic.TestGroup.SESSION_MS;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** A member that commits is alive, also if its heartbeats do not come. */
class CommitsAsSignsOfLifeTest {
    private final TestGroup group = new TestGroup();

    @Test
    void aCommitRenewsTheSession() {
        var member = group.stable(1).get(0).id();
        group.advance(SESSION_MS - 1);
        group.groups().offsetsCommitted(group.group(), member);
        group.advance(SESSION_MS - 1);
        assertEquals(Errors.NONE, group.heartbeat(member, group.generation()));
    }

    @Test
    void thatOfSomebodyElseDoesNot() {
        group.stable(1);
        group.advance(SESSION_MS - 1);
        group.groups().offsetsCommitted(group.group(), "");
        group.advance(1);
        assertEquals(GroupState.EMPTY, group.state());
    }
}
