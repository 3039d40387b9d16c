package io.odradek.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.types.Password;

/** Parsed settings by name. A name that is asked for has been defined. */
final class SettingValues {
    private final Map<String, Object> values;

    SettingValues(Map<String, Object> values) {
        this.values = values;
    }

    private <T> T get(Class<T> type, String name) {
        if (!values.containsKey(name)) {
            throw new IllegalArgumentException("no setting " + name);
        }
        return type.cast(values.get(name));
    }

    int integer(String name) {
        return get(Integer.class, name);
    }

    long longValue(String name) {
        return get(Long.class, name);
    }

    short shortValue(String name) {
        return get(Short.class, name);
    }

    double doubleValue(String name) {
        return get(Double.class, name);
    }

    boolean flag(String name) {
        return get(Boolean.class, name);
    }

    String string(String name) {
        return get(String.class, name);
    }

    /** Empty also for an empty text. */
    Optional<String> text(String name) {
        return Optional.ofNullable(get(String.class, name)).filter(s -> !s.isEmpty());
    }

    Optional<Password> password(String name) {
        return Optional.ofNullable(get(Password.class, name));
    }

    @SuppressWarnings("unchecked")
    List<String> list(String name) {
        var list = (List<String>) get(List.class, name);
        return list == null ? List.of() : list;
    }

    Map<String, Object> asMap() {
        return values;
    }
}
