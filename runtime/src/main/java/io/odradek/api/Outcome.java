package io.odradek.api;

import io.odradek.metadata.Command;
import io.odradek.metadata.MetadataMachine;
import io.odradek.metadata.MetadataStore;
import io.odradek.metadata.Result;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;
import org.jboss.logging.Logger;

/**
 * What became of one of the changes that a request asks for: a value or the error to tell the client.
 *
 * @param value null where there is an error
 */
record Outcome<R>(R value, ApiError error) {
    private static final Logger LOG = Logger.getLogger(Outcome.class);

    /** Of one request: others find room among the proposals that may wait. */
    private static final int MAX_PROPOSED_AT_ONCE = 1_000;

    static <R> Outcome<R> ok(R value) {
        return new Outcome<>(value, ApiError.NONE);
    }

    static <R> Outcome<R> failed(ApiError error) {
        return new Outcome<>(null, error);
    }

    boolean isOk() {
        return error.isSuccess();
    }

    <T> Outcome<T> map(Function<R, T> function) {
        return isOk() ? ok(function.apply(value)) : failed(error);
    }

    /**
     * Proposes the change and waits for it at most {@code timeoutMs}; after that it is REQUEST_TIMED_OUT, and may or may
     * not still happen.
     */
    static <R> CompletionStage<Outcome<R>> propose(MetadataStore metadata, Command<R> command, int timeoutMs) {
        var proposed = metadata.propose(command).toCompletableFuture();
        var bounded =
                proposed.isDone() ? proposed : proposed.copy().orTimeout(Math.max(timeoutMs, 0), TimeUnit.MILLISECONDS);
        return bounded.handle((value, failure) -> failure == null ? ok(value) : failed(error(failure)));
    }

    /**
     * Proposes all of the changes, each of which succeeds or fails by itself, some at a time. Once one has timed out the
     * rest is not proposed any more.
     *
     * @return what became of each, in their order
     */
    static <R> CompletionStage<List<Outcome<R>>> proposeAll(
            MetadataStore metadata, List<? extends Command<R>> commands, int timeoutMs) {
        return proposeFrom(metadata, commands, timeoutMs, new ArrayList<>(commands.size()));
    }

    private static <R> CompletionStage<List<Outcome<R>>> proposeFrom(
            MetadataStore metadata, List<? extends Command<R>> commands, int timeoutMs, List<Outcome<R>> done) {
        if (done.size() == commands.size()) {
            return CompletableFuture.completedStage(done);
        }
        var timedOut = done.stream()
                .filter(o -> o.error().is(Errors.REQUEST_TIMED_OUT))
                .findFirst();
        if (timedOut.isPresent()) {
            done.addAll(Collections.nCopies(commands.size() - done.size(), timedOut.get()));
            return CompletableFuture.completedStage(done);
        }
        int end = Math.min(commands.size(), done.size() + MAX_PROPOSED_AT_ONCE);
        return Stages.all(commands.subList(done.size(), end).stream()
                        .<CompletionStage<Outcome<R>>>map(command -> propose(metadata, command, timeoutMs))
                        .toList())
                .thenCompose(outcomes -> {
                    done.addAll(outcomes);
                    return proposeFrom(metadata, commands, timeoutMs, done);
                });
    }

    /** What {@link #propose} would come to, without it happening. */
    static <R> CompletionStage<Outcome<R>> validate(MetadataStore metadata, Command<R> command) {
        var result = MetadataMachine.apply(metadata.image(), command).result();
        return CompletableFuture.completedStage(
                result instanceof Result.Failed<R> refused
                        ? failed(new ApiError(refused.error(), refused.message()))
                        : ok(result.orThrow()));
    }

    private static ApiError error(Throwable failure) {
        var cause = Errors.maybeUnwrapException(failure);
        if (cause instanceof TimeoutException) {
            cause = new org.apache.kafka.common.errors.TimeoutException(
                    "The request timed out before the change was known to be made.");
        }
        if (!(cause instanceof ApiException)) {
            LOG.error("A change of the metadata failed", cause);
        }
        return ApiError.fromThrowable(cause);
    }
}
