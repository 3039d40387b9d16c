package io.odradek.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidList;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.record.internal.CompressionType;

/**
 * Reads settings from the tables of the classes that describe an area: a line for each, with name, type, default
 * ({@code -} for none), valid values, importance, update mode, whether it has an effect, and what it means.
 */
final class SettingTable {
    private static final Pattern COLUMNS = Pattern.compile("\\s*\\|\\s*");
    private static final Pattern RANGE = Pattern.compile("(-?[0-9.]+?)\\.\\.(-?[0-9.]+)?");

    private SettingTable() {}

    static List<Setting> parse(String table) {
        return parse(table, false);
    }

    static List<Setting> parse(String table, boolean internal) {
        var settings = new ArrayList<Setting>();
        table.lines().filter(line -> !line.isBlank()).forEach(line -> settings.add(setting(line, internal)));
        return List.copyOf(settings);
    }

    private static Setting setting(String line, boolean internal) {
        var columns = COLUMNS.split(line.trim(), 8);
        var effect = Effects.of(columns[6]);
        return new Setting(
                columns[0],
                Type.valueOf(columns[1].toUpperCase(Locale.ROOT)),
                columns[2].equals("-") ? Optional.empty() : Optional.of(columns[2]),
                columns[3],
                ConfigDef.Importance.valueOf(columns[4].toUpperCase(Locale.ROOT)),
                mode(columns[5]),
                effect,
                columns[7] + Effects.said(effect),
                internal);
    }

    private static Setting.UpdateMode mode(String text) {
        for (var mode : Setting.UpdateMode.values()) {
            if (mode.text().equals(text)) {
                return mode;
            }
        }
        throw new IllegalArgumentException("no update mode: " + text);
    }

    /** As Kafka's own parser wants them. */
    static ConfigDef definitions(List<Setting> settings) {
        var definitions = new ConfigDef();
        for (var setting : settings) {
            // Names of classes are not looked up: none of Kafka's server classes is here.
            var type = setting.type() == Type.CLASS ? Type.STRING : setting.type();
            definitions.define(
                    setting.name(),
                    type,
                    setting.defaultValue().orElse(null),
                    validator(setting),
                    setting.importance(),
                    setting.documentation());
        }
        return definitions;
    }

    private static ConfigDef.Validator validator(Setting setting) {
        var valid = setting.validValues();
        if (valid.isEmpty()) {
            return setting.type() == Type.LIST ? uniqueValues(setting, true) : null;
        }
        if (valid.equals("gzip level")) {
            return CompressionType.GZIP.levelValidator();
        }
        if (valid.equals("not empty")) {
            return setting.type() == Type.LIST ? uniqueValues(setting, false) : new ConfigDef.NonEmptyString();
        }
        if (valid.startsWith("{")) {
            var values = valid.substring(1, valid.indexOf('}')).split(",");
            if (setting.type() == Type.LIST) {
                return ValidList.in(!valid.endsWith("not empty"), values);
            }
            return valid.endsWith("any case")
                    ? ConfigDef.CaseInsensitiveValidString.in(values)
                    : ValidString.in(values);
        }
        return range(setting, valid);
    }

    private static ConfigDef.Validator range(Setting setting, String valid) {
        var range = RANGE.matcher(valid);
        if (!range.matches()) {
            throw new IllegalArgumentException(setting.name() + ": no such values: " + valid);
        }
        var min = number(setting.type(), range.group(1));
        return range.group(2) == null ? Range.atLeast(min) : Range.between(min, number(setting.type(), range.group(2)));
    }

    private static Number number(Type type, String text) {
        return type == Type.DOUBLE ? Double.valueOf(text) : (Number) Long.valueOf(text);
    }

    private static ConfigDef.Validator uniqueValues(Setting setting, boolean emptyAllowed) {
        return ValidList.anyNonDuplicateValues(
                emptyAllowed, setting.defaultValue().isEmpty());
    }

    /** How a table writes what a setting does. */
    private static final class Effects {
        static Setting.Effect of(String text) {
            return switch (text) {
                case "yes" -> Setting.Effect.FULL;
                case "no" -> Setting.Effect.NONE;
                case "refuse" -> Setting.Effect.REFUSED;
                default -> throw new IllegalArgumentException("neither yes, no nor refuse: " + text);
            };
        }

        static String said(Setting.Effect effect) {
            return switch (effect) {
                case FULL -> "";
                case NONE -> " Accepted for compatibility, no effect.";
                case REFUSED -> " Not offered: another value than the default is refused.";
            };
        }
    }
}
