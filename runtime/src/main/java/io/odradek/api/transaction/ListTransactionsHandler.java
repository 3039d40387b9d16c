package io.odradek.api.transaction;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.odradek.api.ApiHandler;
import io.odradek.api.Reply;
import io.odradek.api.RequestContext;
import io.odradek.security.AccessControl;
import io.odradek.transaction.TransactionCoordinator;
import io.odradek.transaction.TransactionFilter;
import io.odradek.transaction.TransactionListing;
import io.odradek.transaction.TransactionState;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.InvalidRegularExpression;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListTransactionsRequest;
import org.apache.kafka.common.requests.ListTransactionsResponse;
import org.apache.kafka.common.resource.ResourceType;

/** ListTransactions (KIP-664, 994, 1152): those that this broker coordinates and the client may describe. */
public final class ListTransactionsHandler implements ApiHandler<ListTransactionsRequest> {
    private final TransactionCoordinator coordinator;
    private final AccessControl access;

    public ListTransactionsHandler(TransactionCoordinator coordinator, AccessControl access) {
        this.coordinator = coordinator;
        this.access = access;
    }

    @Override
    public ApiKeys apiKey() {
        return ApiKeys.LIST_TRANSACTIONS;
    }

    @Override
    public CompletionStage<Reply> handle(RequestContext context, ListTransactionsRequest request) {
        var response = new ListTransactionsResponseData();
        return coordinator
                .list(filter(request.data(), response.unknownStateFilters()))
                .thenCompose(found -> permitted(context, found))
                .handle((found, failure) -> {
                    if (failure != null) {
                        return Reply.of(new ListTransactionsResponse(new ListTransactionsResponseData()
                                .setErrorCode(Failures.error(failure).code())));
                    }
                    return Reply.of(new ListTransactionsResponse(
                            response.setErrorCode(Errors.NONE.code()).setTransactionStates(found)));
                });
    }

    private static TransactionFilter filter(ListTransactionsRequestData request, List<String> unknownStates) {
        var states = EnumSet.allOf(TransactionState.class);
        if (!request.stateFilters().isEmpty()) {
            states.clear();
            for (var name : new HashSet<>(request.stateFilters())) {
                TransactionState.ofName(name).ifPresentOrElse(states::add, () -> unknownStates.add(name));
            }
        }
        return new TransactionFilter(
                new HashSet<>(request.producerIdFilters()),
                states,
                request.durationFilter(),
                pattern(request.transactionalIdPattern()));
    }

    private static Optional<Pattern> pattern(String pattern) {
        if (pattern == null || pattern.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Pattern.compile(pattern));
        } catch (PatternSyntaxException e) {
            throw new InvalidRegularExpression(String.format(
                    "Transaction ID pattern `%s` is not a valid regular expression: %s.", pattern, e.getMessage()));
        }
    }

    private CompletionStage<List<ListTransactionsResponseData.TransactionState>> permitted(
            RequestContext context, List<TransactionListing> found) {
        var ids = found.stream().map(TransactionListing::transactionalId).toList();
        return access.allowed(context.client(), AclOperation.DESCRIBE, ResourceType.TRANSACTIONAL_ID, ids)
                .thenApply(allowed -> {
                    var states = new ArrayList<ListTransactionsResponseData.TransactionState>();
                    for (var listing : found) {
                        if (allowed.test(listing.transactionalId())) {
                            states.add(new ListTransactionsResponseData.TransactionState()
                                    .setTransactionalId(listing.transactionalId())
                                    .setProducerId(listing.producerId())
                                    .setTransactionState(listing.state().stateName()));
                        }
                    }
                    return states;
                });
    }
}
