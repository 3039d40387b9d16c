package io.odradek.api;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is served is served in every version: the answer can be written in the version of the question. */
class EveryVersionTest {
    private final AdminFixture fixture = new AdminFixture();

    @TestFactory
    Stream<DynamicTest> aMinimalRequestIsAnswered() {
        fixture.topic("topic", 2);
        return everyVersion(new ApiDispatcher(fixture.handlers()));
    }

    @TestFactory
    Stream<DynamicTest> aMinimalRequestForRecordsIsAnswered(@TempDir Path directory) {
        var broker = DataPath.create(directory);
        return everyVersion(broker.dispatcher).onClose(broker::close);
    }

    private static Stream<DynamicTest> everyVersion(ApiDispatcher dispatcher) {
        return dispatcher.served().stream().flatMap(api -> versions(api)
                .mapToObj(version -> DynamicTest.dynamicTest(
                        api.name + " v" + version,
                        () -> assertDoesNotThrow(
                                () -> AdminFixture.call(dispatcher, api, (short) version, minimal(api))))));
    }

    private static IntStream versions(ApiKeys api) {
        return IntStream.rangeClosed(api.oldestVersion(), api.latestVersion(false));
    }

    private static ApiMessage minimal(ApiKeys api) {
        if (api == ApiKeys.API_VERSIONS) {
            return new ApiVersionsRequestData().setClientSoftwareName("c").setClientSoftwareVersion("1");
        }
        var request = ApiMessageType.fromApiKey(api.id).newRequest();
        // With acks=0, its default, there would be no answer.
        return request instanceof ProduceRequestData produce ? produce.setAcks((short) 1) : request;
    }

    @Test
    void apiVersionsNamesWhatIsServedAndNothingElse() {
        ApiVersionsResponseData answer = fixture.call(ApiKeys.API_VERSIONS, 4, minimal(ApiKeys.API_VERSIONS));

        assertEquals(
                new ApiDispatcher(fixture.handlers())
                        .served().stream().map(api -> (int) api.id).sorted().toList(),
                answer.apiKeys().stream()
                        .map(key -> (int) key.apiKey())
                        .sorted()
                        .toList());
        for (var key : answer.apiKeys()) {
            var api = ApiKeys.forId(key.apiKey());
            assertEquals(api.oldestVersion(), key.minVersion(), api.name);
            assertEquals(api.latestVersion(false), key.maxVersion(), api.name);
        }
        assertEquals(fixture.metadata.image().appliedIndex(), answer.finalizedFeaturesEpoch());
        assertEquals(
                (short) fixture.metadata.image().features().get("metadata.version"),
                answer.finalizedFeatures().find("metadata.version").maxVersionLevel());
        assertEquals(7, answer.supportedFeatures().find("metadata.version").minVersion());
    }

    @Test
    void anUnknownVersionOfApiVersionsIsAnsweredAsOfVersionZero() {
        var request = new ApiVersionsRequest(new ApiVersionsRequestData(), (short) 0, (short) 99);
        var reply = new ApiDispatcher(fixture.handlers())
                .dispatch(AdminFixture.context(ApiKeys.API_VERSIONS, (short) 0), request)
                .toCompletableFuture()
                .join();

        var answer = ((ApiVersionsResponse) ((Reply.Respond) reply).response()).data();
        assertEquals(Errors.UNSUPPORTED_VERSION.code(), answer.errorCode());
        assertEquals(1, answer.apiKeys().size());
        assertEquals(ApiKeys.API_VERSIONS.id, answer.apiKeys().iterator().next().apiKey());
    }

    @Test
    void aClientWithoutAProperNameIsRefused() {
        for (var name : List.of("", "-c", "a b")) {
            ApiVersionsResponseData answer = fixture.call(
                    ApiKeys.API_VERSIONS,
                    3,
                    new ApiVersionsRequestData().setClientSoftwareName(name).setClientSoftwareVersion("1"));
            assertEquals(Errors.INVALID_REQUEST.code(), answer.errorCode(), name);
        }
    }

    @Test
    void askedAsAControllerABrokerSaysThatItIsNone() {
        org.apache.kafka.common.message.DescribeClusterResponseData answer =
                fixture.call(ApiKeys.DESCRIBE_CLUSTER, 1, new DescribeClusterRequestData().setEndpointType((byte) 2));

        assertEquals(Errors.MISMATCHED_ENDPOINT_TYPE.code(), answer.errorCode());
    }
}
