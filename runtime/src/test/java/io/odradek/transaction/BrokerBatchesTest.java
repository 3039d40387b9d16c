package io.odradek.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class BrokerBatchesTest {
    private record Sent(List<String> questions, CompletableFuture<List<String>> answer) {
        void reply() {
            answer.complete(questions.stream().map(q -> "re " + q).toList());
        }
    }

    private final List<Sent> sent = new ArrayList<>();
    private final BrokerBatches<String, String> batches = new BrokerBatches<>(
            // The key is all before a colon.
            question -> question.split(":")[0],
            questions -> {
                var one = new Sent(questions, new CompletableFuture<>());
                sent.add(one);
                return one.answer();
            });

    private CompletableFuture<String> ask(String question) {
        return batches.ask(question).toCompletableFuture();
    }

    private List<CompletableFuture<String>> fill() {
        var asked = new ArrayList<CompletableFuture<String>>();
        for (int i = 0; i < BrokerBatches.MOST_UNDER_WAY; i++) {
            asked.add(ask("first-" + i));
        }
        return asked;
    }

    @Test
    void loneQuestionGoesAtOnce() {
        var answer = ask("a");
        assertEquals(List.of("a"), sent.get(0).questions());
        sent.get(0).reply();
        assertEquals("re a", answer.join());
    }

    @Test
    void whatComesWhileEnoughAreUnderWayGoesTogether() {
        fill();
        var b = ask("b");
        var c = ask("c");
        assertEquals(BrokerBatches.MOST_UNDER_WAY, sent.size());
        sent.get(1).reply();
        assertEquals(List.of("b", "c"), sent.get(BrokerBatches.MOST_UNDER_WAY).questions());
        sent.get(BrokerBatches.MOST_UNDER_WAY).reply();
        assertEquals("re b", b.join());
        assertEquals("re c", c.join());
    }

    @Test
    void twoOfOneKeyNeverGoTogether() {
        fill();
        ask("a:1");
        ask("b:1");
        ask("a:2");
        ask("c:1");
        sent.get(0).reply();
        assertEquals(List.of("a:1", "b:1", "c:1"), sent.get(sent.size() - 1).questions());
        sent.get(1).reply();
        assertEquals(List.of("a:2"), sent.get(sent.size() - 1).questions());
    }

    @Test
    void failureIsOfAllInTheRequestAndOfNoOther() {
        fill();
        var b = ask("b");
        var c = ask("c");
        sent.get(0).reply();
        var d = ask("d");
        sent.get(BrokerBatches.MOST_UNDER_WAY).answer().completeExceptionally(new IllegalStateException("gone"));
        assertTrue(b.isCompletedExceptionally());
        assertTrue(c.isCompletedExceptionally());
        sent.get(BrokerBatches.MOST_UNDER_WAY + 1).reply();
        assertEquals("re d", d.join());
    }

    @Test
    void requestsAndWhatWaitsAreBounded() {
        fill();
        var waiting = new ArrayList<CompletableFuture<String>>();
        for (int i = 0; i < BrokerBatches.MOST_WAITING; i++) {
            waiting.add(ask("w" + i));
        }
        assertTrue(ask("one too many").isCompletedExceptionally());
        while (sent.stream().anyMatch(s -> !s.answer().isDone())) {
            List.copyOf(sent).stream().filter(s -> !s.answer().isDone()).forEach(Sent::reply);
        }
        var seen = new HashSet<String>();
        for (var one : sent) {
            assertTrue(one.questions().size() <= BrokerBatches.MOST_IN_REQUEST);
            one.questions().forEach(q -> assertTrue(seen.add(q)));
        }
        assertTrue(waiting.stream().allMatch(CompletableFuture::isDone));
    }
}
