package io.odradek.cli;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What the user reads when something failed. */
final class Failures {
    static final String NO_CONTROLLER = "no controller is active: a majority of the voters must be up";

    /** Above the clients' own time limits, which {@code --timeout} sets: a safety net, not a setting. */
    private static final long PATIENCE_MINUTES = 60;

    private static final Pattern CLIENTS_TIMEOUT = Pattern.compile("^Call\\(|^Timed out waiting for a node|Call: ");

    private Failures() {}

    /** Waits for an answer and throws its failure as it is, without the future's wrapping. */
    static <T> T await(KafkaFuture<T> answer) {
        try {
            return answer.get(PATIENCE_MINUTES, TimeUnit.MINUTES);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new CommandFailure(oneLine(e.getCause()), e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new CommandFailure("no answer", e);
        }
    }

    /** A failure that concerns one topic, so that its name is in the line. */
    static CommandFailure ofTopic(String topic, Exception e) {
        return new CommandFailure(
                e instanceof UnknownTopicOrPartitionException
                        ? "topic '" + topic + "' does not exist"
                        : "topic '" + topic + "': " + oneLine(e),
                e);
    }

    /**
     * The client gave up, or a broker did and says why.
     *
     * @param asked the addresses of the brokers
     */
    static CommandFailure ofTimeout(String asked, TimeoutException e) {
        boolean refusedAgainAndAgain = e.getCause() instanceof ApiException cause
                && !(cause instanceof TimeoutException || cause instanceof DisconnectException);
        if (refusedAgainAndAgain) {
            return new CommandFailure(
                    e.getCause() instanceof NotControllerException
                            ? NO_CONTROLLER
                            : "gave up: " + oneLine(e.getCause()),
                    e);
        }
        var message = oneLine(e);
        // The client's own say so; a broker's have no other type.
        boolean unanswered = CLIENTS_TIMEOUT.matcher(message).find();
        return new CommandFailure(unanswered ? "no answer from " + asked + ": " + message : message, e);
    }

    static String oneLine(Throwable e) {
        // The clients wrap what the broker said ("Failed to construct kafka consumer") in what matters less.
        var cause = e;
        while (cause instanceof org.apache.kafka.common.KafkaException
                && !(cause instanceof ApiException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        var message = cause.getMessage();
        return message == null || message.isBlank()
                ? cause.getClass().getSimpleName()
                : message.strip().replaceAll("\\s*[\\r\\n]+\\s*", " ");
    }
}
