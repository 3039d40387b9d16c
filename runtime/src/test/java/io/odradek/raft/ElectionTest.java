package io.odradek.raft;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How soon a leader is found. */
class ElectionTest {
    private ScriptedGroup group;

    @BeforeEach
    void start() throws Exception {
        JGroupsLog.install();
        group = new ScriptedGroup("A", "B", "C");
        group.elect("A", "B", "C");
    }

    /** Whoever makes the view has it before it tells others, who believe in the former leader until they are told. */
    @Test
    void noTimeIsLostWhenTheOthersHearOfTheViewLater() {
        group.viewAt("B", "B", "C");
        group.tick(0);
        group.deliver();
        assertFalse(group.node("B").raft.isLeader(), "C sees A still");
        group.viewAt("C", "B", "C");
        group.deliver();
        assertTrue(group.node("B").raft.isLeader());
    }

    @Test
    void whoeverHasMoreStandsThoughItHearsOfTheViewLater() {
        group.propose("A", 1);
        group.deliver(each -> each.to().equals("C"));
        group.lose();
        group.viewAt("B", "B", "C");
        group.tick(0);
        group.deliver();
        group.viewAt("C", "B", "C");
        group.deliver();
        assertTrue(group.node("C").raft.isLeader());
    }
}
