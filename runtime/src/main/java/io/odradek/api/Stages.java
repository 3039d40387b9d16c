package io.odradek.api;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.DisconnectException;

/** Waiting for several stages at once. */
public final class Stages {
    private Stages() {}

    /** The values in the order of the stages. */
    public static <T> CompletionStage<List<T>> all(Collection<? extends CompletionStage<T>> stages) {
        var futures = stages.stream().map(CompletionStage::toCompletableFuture).toList();
        return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
                .thenApply(done -> futures.stream().map(CompletableFuture::join).toList());
    }

    /**
     * The stage as long as the client is there. When it goes, what is returned fails at once, so that the request's memory
     * is free again, however long the other goes on waiting.
     */
    public static <T> CompletionStage<T> whileClientWaits(RequestContext context, CompletionStage<T> stage) {
        var answer = new CompletableFuture<T>();
        stage.whenComplete((value, failure) -> {
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failure);
            }
        });
        if (!answer.isDone()) {
            context.abandonment()
                    .then(() -> answer.completeExceptionally(new DisconnectException("The client has gone.")));
        }
        return answer;
    }
}
