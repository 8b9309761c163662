import { Button, ListBox, ListBoxItem, Popover, Select, SelectValue } from "react-aria-components";

import { Icon } from "./Icon";

interface Props {
  name: string;
  choices: readonly { id: string; label: string }[];
  chosen: string | null;
  placeholder: string;
  /** Ids of what labels and describes it. */
  labelledBy: string;
  describedBy?: string | undefined;
  invalid?: boolean;
  choose: (id: string) => void;
  left?: () => void;
}

/** A list to choose one from; the keyboard and screen reader behaviour is react-aria's. */
export function DropDown({ name, choices, chosen, placeholder, labelledBy, describedBy, invalid = false, choose, left }: Props) {
  return (
    <Select
      className="drop-down"
      name={name}
      value={chosen}
      onChange={(key) => {
        if (key !== null) choose(String(key));
      }}
      isInvalid={invalid}
      aria-labelledby={labelledBy}
      {...(describedBy ? { "aria-describedby": describedBy } : {})}
      {...(left ? { onBlur: left } : {})}
      placeholder={placeholder}
    >
      <Button className="drop-down-button" {...(describedBy ? { "aria-describedby": describedBy } : {})}>
        <SelectValue className="drop-down-value">
          {({ selectedText, defaultChildren, isPlaceholder }) => (isPlaceholder ? defaultChildren : selectedText)}
        </SelectValue>
        <Icon name="chevron" />
      </Button>
      <Popover className="drop-down-list" offset={2}>
        <ListBox items={choices}>
          {(choice) => (
            <ListBoxItem id={choice.id} textValue={choice.label} className="drop-down-choice">
              {({ isSelected }) => (
                <>
                  <span className="drop-down-mark">{isSelected && <Icon name="tick" />}</span>
                  {choice.label}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
