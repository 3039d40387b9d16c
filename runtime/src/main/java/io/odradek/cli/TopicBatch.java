package io.odradek.cli;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.TimeoutException;

/** The same for several topics: all are tried, then the failures are told in one line. */
final class TopicBatch {
    private final List<CommandFailure> failures = new ArrayList<>();

    void attempt(String topic, Runnable action) {
        try {
            action.run();
        } catch (TimeoutException e) {
            throw e;
        } catch (ApiException e) {
            failures.add(Failures.ofTopic(topic, e));
        }
    }

    void throwIfFailed() {
        if (!failures.isEmpty()) {
            throw new CommandFailure(
                    String.join(
                            "; ",
                            failures.stream().map(CommandFailure::getMessage).toList()),
                    failures.get(0));
        }
    }
}
