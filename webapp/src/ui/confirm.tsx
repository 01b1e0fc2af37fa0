import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';

interface ConfirmProps {
  title: string;
  text: string;
  yes: string;
  no: string;
  danger?: boolean;
  onYes: () => void;
  onNo: () => void;
}

export function Confirm(props: ConfirmProps) {
  return (
    <Dialog title={props.title} onClose={props.onNo} testId="confirm">
      <p className="dialog-text">{props.text}</p>
      <div className="dialog-actions">
        <Button variant="secondary" onPress={props.onNo} testId="confirm-no">
          {props.no}
        </Button>
        <Button variant={props.danger ? 'danger' : 'primary'} onPress={props.onYes} testId="confirm-yes">
          {props.yes}
        </Button>
      </div>
    </Dialog>
  );
}
