package io.odradek.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class FailuresTest {
    private static final String CALL =
            "Call(callName=addRaftVoter, deadlineMs=1, tries=3, nextAllowedTryMs=2) timed out";

    private static String line(String message, Throwable cause) {
        return Failures.ofTimeout("here:9092", new TimeoutException(message, cause))
                .getMessage();
    }

    @Test
    void whoGotNoAnswerReadsWhomItAsked() {
        assertEquals("no answer from here:9092: " + CALL, line(CALL, new DisconnectException()));
        assertEquals(
                "no answer from here:9092: Timed out waiting for a node assignment. Call: listTopics",
                line("Timed out waiting for a node assignment. Call: listTopics", null));
    }

    @Test
    void aBrokersTimeoutIsAnAnswer() {
        var message = "the voters could not be changed: node 4 has not caught up yet";
        assertEquals(message, line(message, null));
    }

    @Test
    void whatWasRefusedUntilTheClientGaveUpIsTheReason() {
        assertEquals(
                "no controller is active: a majority of the voters must be up",
                line(CALL, new NotControllerException("not I")));
    }
}
